#include "share/profile/parse.h"

#include <limits.h>
#include <string.h>

#include "share/profile/digits.h"
#include "share/profile/kinds.h"
#include "share/profile/quote.h"
#include "share/profile/scan.h"

/* ---- numbers ---- */

/* The text of one line, taken apart from the left; texts are copied to `room`. */
struct fields {
	const char *at, *end;
	char *room;
};

static void skip_blanks(struct fields *f)
{
	while (f->at < f->end && *f->at == ' ')
		f->at++;
}

/* ".dddddd", as every recorder writes them, and nothing more: without a loop. */
static inline bool take_six(const char *p, const char *end, int64_t *fraction)
{
	if (end - p < 7 || *p != '.' || (end - p > 7 && p[7] != ' '))
		return false;
	unsigned a = (unsigned char)(p[1] - '0'), b = (unsigned char)(p[2] - '0'),
		 c = (unsigned char)(p[3] - '0'), d = (unsigned char)(p[4] - '0'),
		 e = (unsigned char)(p[5] - '0'), g = (unsigned char)(p[6] - '0');
	if (a > 9 || b > 9 || c > 9 || d > 9 || e > 9 || g > 9)
		return false;
	*fraction = ((a * 10 + b) * 10 + c) * 1000 + (d * 10 + e) * 10 + g;
	return true;
}

/* A decimal as a whole number of millionths; further digits are dropped. Nothing else is a number:
 * no nan, no inf. */
static bool take_millionths(struct fields *f, int64_t limit, int64_t *value)
{
	skip_blanks(f);
	bool negative = f->at < f->end && *f->at == '-';
	const char *p = f->at + negative, *digits = p;
	int64_t whole = 0, fraction = 0;
	for (; p < f->end && *p >= '0' && *p <= '9'; p++)
		if (whole <= limit)
			whole = whole * 10 + (*p - '0');
	size_t n = (size_t)(p - digits);
	if (take_six(p, f->end, &fraction)) {
		p += 7;
		n += 6;
	} else if (p < f->end && *p == '.') {
		int64_t unit = 100000;
		for (p++; p < f->end && *p >= '0' && *p <= '9'; p++, n++, unit /= 10)
			fraction += (*p - '0') * unit;
	}
	if (n == 0 || (p < f->end && *p != ' ') || whole > limit)
		return false;
	*value = whole * 1000000 + fraction;
	if (negative)
		*value = -*value;
	f->at = p;
	return true;
}

/* "dddddddddd.dddddd", as every moment from 2001 to 2286 is written. */
static inline bool take_epoch(struct fields *f, int64_t *us)
{
	const uint64_t zeros = 0x3030303030303030;
	const char *p = f->at + (f->at < f->end && *f->at == ' ');
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || f->end - p < 17 || p[10] != '.' ||
	    *p > '8' || (f->end - p > 17 && p[17] != ' '))
		return false;
	uint64_t two = (unsigned char)p[8] | (uint64_t)(unsigned char)p[9] << 8;
	uint64_t high = digits_load(p) ^ zeros;
	uint64_t low = ((digits_load(p + 9) & ~UINT64_C(0xffff)) | two) ^ zeros;
	if (digits_bad(high) || digits_bad(low))
		return false;
	*us = (int64_t)(digits_value(high) * 100000000 + digits_value(low));
	f->at = p + 17;
	return true;
}

static bool take_moment(struct fields *f, int64_t *us)
{
	return take_epoch(f, us) || (take_millionths(f, PROFILE_MOST_SECONDS, us) && *us >= 0);
}

static bool take_memory(struct fields *f, int64_t *umib)
{
	return take_millionths(f, PROFILE_MOST_MIB, umib);
}

static bool take_figure(struct fields *f, int64_t *umib)
{
	skip_blanks(f);
	if (f->at == f->end || *f->at != '?')
		return take_memory(f, umib);
	*umib = 0;
	return ++f->at == f->end || *f->at == ' ';
}

static bool take_maybe(struct fields *f, int64_t *umib)
{
	skip_blanks(f);
	if (f->at == f->end || *f->at != '?')
		return take_memory(f, umib) && *umib >= 0;
	*umib = PROFILE_UNTOLD;
	return ++f->at == f->end || *f->at == ' ';
}

static bool take_whole(struct fields *f, long long low, long long high, long long *value)
{
	skip_blanks(f);
	const char *p = f->at;
	bool negative = p < f->end && *p == '-';
	long long result = 0;
	p += negative;
	const char *digits = p;
	for (; p < f->end && *p >= '0' && *p <= '9'; p++) {
		if (result > LLONG_MAX / 10 - 1)
			return false;
		result = result * 10 + (*p - '0');
	}
	result = negative ? -result : result;
	if (p == digits || (p < f->end && *p != ' ') || result < low || result > high)
		return false;
	*value = result;
	f->at = p;
	return true;
}

/* ---- fields ---- */

static bool take_from_0(struct fields *f, int *to)
{
	long long value;
	if (!take_whole(f, 0, INT_MAX, &value))
		return false;
	*to = (int)value;
	return true;
}

static bool take_count(struct fields *f, uint64_t *to)
{
	long long value;
	if (!take_whole(f, 0, LLONG_MAX, &value))
		return false;
	*to = (uint64_t)value;
	return true;
}

static bool take_change(struct fields *f, int64_t *to)
{
	long long value;
	if (!take_whole(f, -INT64_MAX, INT64_MAX, &value))
		return false;
	*to = value;
	return true;
}

static bool take_status(struct fields *f, int *to)
{
	long long value = PROFILE_STATUS_UNKNOWN;
	skip_blanks(f);
	if (f->at < f->end && *f->at == '?')
		f->at++;
	else if (!take_whole(f, -255, 255, &value))
		return false;
	*to = (int)value;
	return true;
}

static bool take_scope(struct fields *f, bool *to)
{
	static const char device[] = "device", tree[] = "tree";
	skip_blanks(f);
	size_t n = (size_t)(f->end - f->at);
	bool whole_device = n == sizeof device - 1 && memcmp(f->at, device, n) == 0;
	*to = whole_device;
	return whole_device || (n == sizeof tree - 1 && memcmp(f->at, tree, n) == 0);
}

/* A word of a later version says nothing. */
static bool take_how(struct fields *f, unsigned char *to)
{
	skip_blanks(f);
	const char *word = f->at;
	while (f->at < f->end && *f->at != ' ')
		f->at++;
	size_t n = (size_t)(f->at - word);
	for (unsigned char how = PROFILE_UNSAID + 1; how < PROFILE_HOWS; how++)
		if (n == strlen(profile_hows[how]) && memcmp(word, profile_hows[how], n) == 0)
			*to = how;
	return n > 0;
}

/* Copies text into the room, NUL-terminated. */
static char *keep(struct fields *f, const char *end)
{
	size_t n = (size_t)(end - f->at);
	char *text = memcpy(f->room, f->at, n);
	text[n] = '\0';
	f->room += n + 1;
	f->at = end;
	return text;
}

static bool take_word(struct fields *f, const char **to)
{
	skip_blanks(f);
	const char *blank = memchr(f->at, ' ', (size_t)(f->end - f->at));
	if (!blank)
		return false;
	*to = keep(f, blank);
	return true;
}

/* To the end of the line. */
static bool take_rest(struct fields *f, const char **to)
{
	*to = keep(f, f->end);
	return true;
}

/* "file:line", cut at its last colon. */
static bool take_place(struct fields *f, struct profile_place *place)
{
	const char *start = f->at;
	char *copy = keep(f, f->end), *cursor = copy, *word;
	if (profile_unquote(&cursor, &word) != 1)
		return false;
	f->at = start + (cursor - copy);
	f->room = word + strlen(word) + 1; /* never beyond the cursor: what follows fits */
	char *colon = strrchr(word, ':');
	struct fields number = { colon ? colon + 1 : word, word + strlen(word), NULL };
	if (!colon || colon == word || !take_from_0(&number, &place->line) ||
	    number.at != number.end)
		return false;
	*colon = '\0';
	place->file = word;
	return true;
}

static bool is_at_end(struct fields *f)
{
	skip_blanks(f);
	return f->at == f->end;
}

/* A switch, for the same reason as in put.c. */
static inline bool take_field(struct fields *f, enum field_type type, void *to)
{
	switch (type) {
	case FIELD_MEMORY: return take_memory(f, to);
	case FIELD_BELOW: return take_memory(f, to) && *(int64_t *)to >= 0;
	case FIELD_FIGURE: return take_figure(f, to);
	case FIELD_MAYBE: return take_maybe(f, to);
	case FIELD_MOMENT: return take_moment(f, to);
	case FIELD_PID: /* an int everywhere */
	case FIELD_WHOLE: return take_from_0(f, to);
	case FIELD_COUNT: return take_count(f, to);
	case FIELD_CHANGE: return take_change(f, to);
	case FIELD_STATUS: return take_status(f, to);
	case FIELD_SCOPE: return take_scope(f, to);
	case FIELD_HOW: return take_how(f, to);
	case FIELD_NAME: /* without its blanks; see take_named */
	case FIELD_WORD: return take_word(f, to);
	case FIELD_PLACE: return take_place(f, to);
	case FIELD_TEXT: skip_blanks(f); return take_rest(f, to);
	case FIELD_SOME: return !is_at_end(f) && take_rest(f, to);
	case FIELD_QUOTED: return take_rest(f, to);
	case FIELD_NONE: break;
	}
	return false;
}

/* ---- records ---- */

static bool take_fields(struct fields *f, const struct field *field, size_t n,
			struct profile_record *record)
{
	for (; n > 0 && field->type; field++, n--) {
		if (field->optional && is_at_end(f))
			return true;
		if (!take_field(f, field->type, (char *)record + field->at))
			return false;
	}
	return true;
}

/* Where the last `n` words begin, of which none is the first of all; NULL: there are not so many.
 */
static const char *last_words(const struct fields *f, size_t n)
{
	for (const char *p = f->end; p > f->at; p--)
		if (p[-1] == ' ' && p < f->end && *p != ' ' && --n == 0)
			return p;
	return NULL;
}

/* A name that may hold blanks: what follows it is told from the right, all of it if it can be, else
 * without what is optional. */
static bool take_named(struct fields *f, const struct field *field, struct profile_record *record)
{
	size_t most = 0, least = 0;
	for (const struct field *next = field + 1; next->type; next++) {
		most++;
		least += !next->optional;
	}
	for (size_t n = most; n >= least; n--) {
		struct fields tail = { last_words(f, n), f->end, NULL };
		if (!tail.at || !take_fields(&tail, field + 1, n, record))
			continue;
		const char *end = last_words(f, n);
		while (end > f->at && end[-1] == ' ')
			end--;
		if (end == f->at)
			return false;
		*(const char **)((char *)record + field->at) = keep(f, end);
		return true;
	}
	return false;
}

static bool is_in_order(const struct profile_record *record)
{
	if (record->kind == PROFILE_PEAK)
		return record->since <= record->at.us;
	if (record->kind == PROFILE_RANK)
		return record->member > 0 && record->from <= record->to;
	return record->kind != PROFILE_FUNC || record->at.us <= record->end.us;
}

/* No process holds less than nothing; of other figures, and of changes, nobody can tell. */
static bool is_held(const struct profile_record *record)
{
	switch (record->kind) {
	case PROFILE_MEM:
	case PROFILE_CHLD:
	case PROFILE_RANK:
	case PROFILE_RMEM:
	case PROFILE_PEAK: return record->at.umib >= 0;
	case PROFILE_GONE:
	case PROFILE_EXIT: return record->peak >= 0;
	default: return true;
	}
}

bool record_parse(struct profile_record *record, const char *text, const char *end, char *room)
{
	const struct field *fields = profile_kinds[record->kind].fields;
	struct fields f = { text, end, room };
	bool good = fields[0].type == FIELD_NAME ? take_named(&f, fields, record)
						 : take_fields(&f, fields, MOST_FIELDS, record);
	return good && is_in_order(record) && is_held(record);
}

bool record_parse_sample(struct sample *sample, const char *text, const char *end)
{
	struct fields f = { text, end, NULL };
	return take_memory(&f, &sample->umib) && sample->umib >= 0 && take_moment(&f, &sample->us);
}

enum profile_kind record_kind(const char *tag, size_t n)
{
	char padded[sizeof profile_kinds[0].tag] = { 0 };
	int kind = 0;
	for (size_t i = 0; i < n && n < sizeof padded; i++)
		padded[i] = tag[i];
	while (kind < PROFILE_KINDS &&
	       (n != profile_kinds[kind].length ||
		memcmp(padded, profile_kinds[kind].tag, sizeof padded) != 0))
		kind++;
	return (enum profile_kind)kind;
}
