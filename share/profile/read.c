#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/digits.h"
#include "share/profile/profile.h"
#include "share/profile/scan.h"

enum { BLOCK = 256 << 10, LONGEST_LINE = 64 << 10 };

/* ---- fields ---- */

/* The text of one line, taken apart from the left. */
struct fields {
	const char *at, *end;
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

static bool take_pid(struct fields *f, pid_t *pid)
{
	long long value;
	if (!take_whole(f, 0, INT_MAX, &value))
		return false;
	*pid = (pid_t)value;
	return true;
}

static bool take_count(struct fields *f, uint64_t *count)
{
	long long value;
	if (!take_whole(f, 0, LLONG_MAX, &value))
		return false;
	*count = (uint64_t)value;
	return true;
}

/* An exit status, a signal as a negative number, or "?". */
static bool take_status(struct fields *f, int *status)
{
	long long value;
	skip_blanks(f);
	if (f->at < f->end && *f->at == '?') {
		f->at++;
		*status = PROFILE_STATUS_UNKNOWN;
		return true;
	}
	if (!take_whole(f, -255, 255, &value))
		return false;
	*status = (int)value;
	return true;
}

/* Copies text into the reading's own line, NUL-terminated. */
static void keep_text(struct profile_record *record, char *out, const char *from, const char *end)
{
	size_t n = (size_t)(end - from);
	memcpy(out, from, n);
	out[n] = '\0';
	record->text = out;
}

/* A word that stands between blanks: the name of a function, of a metric or of a device. */
static bool take_word(struct fields *f, struct profile_record *record, char *text)
{
	skip_blanks(f);
	const char *blank = memchr(f->at, ' ', (size_t)(f->end - f->at));
	if (!blank)
		return false;
	keep_text(record, text, f->at, blank);
	f->at = blank;
	return true;
}

/* ---- one parser a kind ---- */

static bool parse_rest(struct fields *f, struct profile_record *record, char *text)
{
	keep_text(record, text, f->at, f->end);
	return true;
}

static bool parse_child(struct fields *f, struct profile_record *record, char *text)
{
	(void)text;
	return take_pid(f, &record->pid) && take_memory(f, &record->at.umib) &&
	       take_moment(f, &record->at.us);
}

static bool parse_born(struct fields *f, struct profile_record *record, char *text)
{
	if (!take_pid(f, &record->pid) || !take_pid(f, &record->ppid) ||
	    !take_moment(f, &record->at.us))
		return false;
	skip_blanks(f);
	keep_text(record, text, f->at, f->end);
	return true;
}

static bool parse_gone(struct fields *f, struct profile_record *record, char *text)
{
	(void)text;
	return take_pid(f, &record->pid) && take_moment(f, &record->at.us) &&
	       take_memory(f, &record->at.umib) && take_status(f, &record->status);
}

/* The name may itself hold blanks (memory_profiler writes such labels), so the numbers are told
 * from the right: the line ends in four numbers, or in five when it has a level. */
static bool parse_function(struct fields *f, struct profile_record *record, char *text)
{
	const char *starts[6];
	size_t n = 0;
	for (const char *p = f->end; p > f->at && n < 6; p--)
		if (p[-1] == ' ' && p < f->end && *p != ' ')
			starts[n++] = p;
	for (size_t numbers = n < 5 ? n : 5; numbers >= 4; numbers--) {
		struct fields tail = { starts[numbers - 1], f->end };
		long long level = 0;
		if (!take_memory(&tail, &record->at.umib) || !take_moment(&tail, &record->at.us) ||
		    !take_memory(&tail, &record->end.umib) || !take_moment(&tail, &record->end.us))
			continue;
		if (numbers == 5 && !take_whole(&tail, 0, INT_MAX, &level))
			continue;
		const char *name_end = starts[numbers - 1];
		while (name_end > f->at && name_end[-1] == ' ')
			name_end--;
		if (name_end == f->at || record->end.us < record->at.us)
			return false;
		record->level = (int)level;
		keep_text(record, text, f->at, name_end);
		return true;
	}
	return false;
}

static bool parse_enter(struct fields *f, struct profile_record *record, char *text)
{
	long long level;
	if (!take_word(f, record, text) || !take_memory(f, &record->at.umib) ||
	    !take_moment(f, &record->at.us) || !take_whole(f, 0, INT_MAX, &level))
		return false;
	record->level = (int)level;
	return *text && take_pid(f, &record->pid);
}

/* "file:line" becomes the file, cut at its last colon. */
static bool cut_line_number(char *place, int *line)
{
	char *colon = strrchr(place, ':');
	long long number;
	struct fields f = { colon ? colon + 1 : place, place + strlen(place) };
	if (!colon || colon == place || !take_whole(&f, 0, INT_MAX, &number) || f.at != f.end)
		return false;
	*colon = '\0';
	*line = (int)number;
	return true;
}

/* The place is quoted as a word of the command line, for the sake of blanks. */
static bool parse_line(struct fields *f, struct profile_record *record, char *text)
{
	keep_text(record, text, f->at, f->end);
	char *rest = text;
	if (profile_unquote(&rest, &record->text) != 1 ||
	    !cut_line_number(record->text, &record->line))
		return false;
	struct fields tail = { rest, rest + strlen(rest) };
	skip_blanks(&tail);
	record->function = (char *)tail.at;
	size_t n = strcspn(tail.at, " ");
	if (n == 0 || tail.at[n] == '\0')
		return false;
	record->function[n] = '\0';
	tail.at += n + 1;
	if (!take_memory(&tail, &record->at.umib) || !take_memory(&tail, &record->increment) ||
	    !take_memory(&tail, &record->end.umib) || !take_count(&tail, &record->samples))
		return false;
	skip_blanks(&tail);
	return tail.at == tail.end || take_pid(&tail, &record->pid);
}

static bool parse_path(struct fields *f, struct profile_record *record, char *text)
{
	if (!take_count(f, &record->number))
		return false;
	skip_blanks(f);
	keep_text(record, text, f->at, f->end);
	return *text != '\0';
}

static bool parse_frame(struct fields *f, struct profile_record *record, char *text)
{
	long long line;
	if (!take_count(f, &record->number) || !take_count(f, &record->caller) ||
	    !take_count(f, &record->path) || !take_whole(f, 0, INT_MAX, &line))
		return false;
	record->line = (int)line;
	skip_blanks(f);
	keep_text(record, text, f->at, f->end);
	return *text != '\0';
}

static bool parse_grow(struct fields *f, struct profile_record *record, char *text)
{
	(void)text;
	return take_memory(f, &record->increment) && take_moment(f, &record->at.us) &&
	       take_memory(f, &record->at.umib) && take_pid(f, &record->pid) &&
	       take_pid(f, &record->thread) && take_count(f, &record->number);
}

static bool parse_mark(struct fields *f, struct profile_record *record, char *text)
{
	if (!take_memory(f, &record->at.umib) || !take_moment(f, &record->at.us))
		return false;
	skip_blanks(f);
	keep_text(record, text, f->at, f->end);
	return true;
}

static bool take_sample(struct fields *f, struct sample *sample)
{
	return take_memory(f, &sample->umib) && take_moment(f, &sample->us);
}

static bool parse_peak(struct fields *f, struct profile_record *record, char *text)
{
	(void)text;
	if (!take_sample(f, &record->at))
		return false;
	skip_blanks(f);
	return f->at == f->end ||
	       (take_moment(f, &record->since) && record->since <= record->at.us);
}

static bool parse_value(struct fields *f, struct profile_record *record, char *text)
{
	return take_word(f, record, text) && take_sample(f, &record->at);
}

static bool parse_gpu(struct fields *f, struct profile_record *record, char *text)
{
	static const char device[] = "device", tree[] = "tree";
	if (!parse_value(f, record, text))
		return false;
	skip_blanks(f);
	size_t n = (size_t)(f->end - f->at);
	record->whole_device = n == sizeof device - 1 && memcmp(f->at, device, n) == 0;
	return record->whole_device || (n == sizeof tree - 1 && memcmp(f->at, tree, n) == 0);
}

static bool parse_exit(struct fields *f, struct profile_record *record, char *text)
{
	(void)text;
	return take_status(f, &record->status) && take_moment(f, &record->at.us) &&
	       take_memory(f, &record->at.umib) && take_count(f, &record->samples) &&
	       take_count(f, &record->missed);
}

static const struct {
	char tag[8]; /* padded with zeros, so that all of it is compared at once */
	enum profile_kind kind;
	bool (*parse)(struct fields *fields, struct profile_record *record, char *text);
} kinds[] = {
	/* the frequent ones first */
	{ "PEAK", PROFILE_PEAK, parse_peak },       { "VAL", PROFILE_VAL, parse_value },
	{ "CHLD", PROFILE_CHLD, parse_child },      { "GPU", PROFILE_GPU, parse_gpu },
	{ "GROW", PROFILE_GROW, parse_grow },       { "FUNC", PROFILE_FUNC, parse_function },
	{ "ENTER", PROFILE_ENTER, parse_enter },    { "PROC", PROFILE_PROC, parse_born },
	{ "GONE", PROFILE_GONE, parse_gone },       { "FRAME", PROFILE_FRAME, parse_frame },
	{ "PATH", PROFILE_PATH, parse_path },       { "LINE", PROFILE_LINE, parse_line },
	{ "MARK", PROFILE_MARK, parse_mark },       { "META", PROFILE_META, parse_rest },
	{ "CMDLINE", PROFILE_CMDLINE, parse_rest }, { "EXIT", PROFILE_EXIT, parse_exit },
};

/* ---- reading ---- */

struct reading {
	const struct profile_sink *sink;
	void *context;
	struct profile_flaws *flaws;
	struct sample *batch;
	size_t n_batch;
	char *text; /* LONGEST_LINE + 1 */
};

static int hand_on(struct reading *r)
{
	size_t n = r->n_batch;
	r->n_batch = 0;
	return n > 0 && r->sink->samples ? r->sink->samples(r->context, r->batch, n) : 0;
}

static void note_malformed(struct reading *r)
{
	if (r->flaws->malformed++ == 0)
		r->flaws->first_malformed = r->flaws->lines;
}

static int read_sample(struct reading *r, struct fields f)
{
	struct sample sample;
	if (!take_memory(&f, &sample.umib) || !take_moment(&f, &sample.us)) {
		note_malformed(r);
		return 0;
	}
	r->batch[r->n_batch++] = sample;
	return r->n_batch == PROFILE_BATCH ? hand_on(r) : 0;
}

static int read_record(struct reading *r, size_t kind, struct fields f)
{
	struct profile_record record = { .kind = kinds[kind].kind,
					 .status = PROFILE_STATUS_UNKNOWN };
	if (!kinds[kind].parse(&f, &record, r->text)) {
		note_malformed(r);
		return 0;
	}
	int result = hand_on(r); /* the samples before it first: the order is the file's */
	return result != 0 || !r->sink->record ? result : r->sink->record(r->context, &record);
}

/* The tag's place in the table, or -1. */
static int find_kind(const char *tag, size_t n)
{
	char padded[sizeof kinds[0].tag] = { 0 };
	for (size_t i = 0; i < n && n < sizeof padded; i++)
		padded[i] = tag[i];
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && n > 0; i++)
		if (memcmp(padded, kinds[i].tag, sizeof padded) == 0)
			return (int)i;
	return -1;
}

/* One line without its newline. */
static int read_line(struct reading *r, const char *line, size_t n)
{
	r->flaws->lines++;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	const char *blank = memchr(line, ' ', n);
	size_t tag = blank ? (size_t)(blank - line) : n;
	struct fields f = { line + (blank ? tag + 1 : n), line + n };
	if (tag == 3 && memcmp(line, "MEM", 3) == 0)
		return read_sample(r, f);
	int kind = find_kind(line, tag);
	if (kind >= 0 && blank && !memchr(f.at, '\0', (size_t)(f.end - f.at)))
		return read_record(r, (size_t)kind, f);
	if (kind >= 0) {
		note_malformed(r);
		return 0;
	}
	/* Another tag may be a newer format's; what has none is damage. */
	if (tag == 0 || line[0] < 'A' || line[0] > 'Z')
		note_malformed(r);
	return 0;
}

/* The whole lines of a block: runs of plain MEM lines by the scanner, whatever else line by line.
 * Returns what is left over at the end, through *rest. */
static int read_lines(struct reading *r, const char *block, const char *end, const char **rest)
{
	while (block < end) {
		size_t room = PROFILE_BATCH - r->n_batch;
		size_t found = profile_scan(&block, end, r->batch + r->n_batch, room);
		r->n_batch += found;
		r->flaws->lines += found;
		int result = r->n_batch == PROFILE_BATCH ? hand_on(r) : 0;
		if (result != 0)
			return result;
		if (found == room)
			continue;
		const char *newline = memchr(block, '\n', (size_t)(end - block));
		if (!newline)
			break;
		result = read_line(r, block, (size_t)(newline - block));
		if (result != 0)
			return result;
		block = newline + 1;
	}
	*rest = block;
	return 0;
}

/* A line that outgrows the bound is skipped to its end, whatever it was, unless it is the command:
 * that one is cut. */
struct overlong {
	bool skipping;
};

static int read_overlong(struct reading *r, const char *line, size_t n, struct overlong *over)
{
	static const char tag[] = "CMDLINE ";
	over->skipping = true;
	if (n >= sizeof tag && memcmp(line, tag, sizeof tag - 1) == 0)
		return read_line(r, line, n);
	r->flaws->lines++;
	note_malformed(r);
	return 0;
}

static int read_blocks(struct reading *r, struct profile_input *input, char *buffer)
{
	struct overlong over = { false };
	size_t kept = 0;
	for (;;) {
		ssize_t n = input->read(input->handle, buffer + kept, BLOCK);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		const char *start = buffer, *end = buffer + kept + n;
		if (over.skipping) {
			const char *newline = memchr(start, '\n', (size_t)(end - start));
			start = newline ? newline + 1 : end;
			over.skipping = !newline;
		}
		const char *rest = end;
		int result = read_lines(r, start, end, &rest);
		if (result != 0)
			return result;
		kept = (size_t)(end - rest);
		if (kept >= LONGEST_LINE) {
			result = read_overlong(r, rest, LONGEST_LINE, &over);
			if (result != 0)
				return result;
			kept = 0;
		}
		memmove(buffer, rest, kept);
	}
	r->flaws->cut = kept > 0 || over.skipping;
	return hand_on(r);
}

int profile_read(struct profile_input *input, const struct profile_sink *sink, void *context,
		 struct profile_flaws *flaws)
{
	struct reading r = { .sink = sink, .context = context, .flaws = flaws };
	*flaws = (struct profile_flaws){ 0 };
	char *memory = malloc(BLOCK + LONGEST_LINE + 2 * PROFILE_SCAN_SLACK);
	r.batch = malloc(PROFILE_BATCH * sizeof *r.batch);
	r.text = malloc(BLOCK + LONGEST_LINE + 1);
	int result = memory && r.batch && r.text
			     ? read_blocks(&r, input, memory + PROFILE_SCAN_SLACK)
			     : -ENOMEM;
	free(memory);
	free(r.batch);
	free(r.text);
	return result;
}
