#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/kinds.h"
#include "share/profile/quote.h"
#include "share/profile/reserve.h"
#include "share/text.h"

/* The tag and all numbers of a record; what is left of it behind a text too. */
enum { LONGEST_NUMBERS = 256 };

/* ---- numbers: printf would cost more than the sample itself ---- */

static const char two_digits[] = "00010203040506070809101112131415161718192021222324"
				 "25262728293031323334353637383940414243444546474849"
				 "50515253545556575859606162636465666768697071727374"
				 "75767778798081828384858687888990919293949596979899";

/* Two digits at a time, from the right. */
static char *put_whole(char *out, uint64_t value)
{
	char digits[20], *at = digits + sizeof digits;
	for (; value >= 100; value /= 100)
		memcpy(at -= 2, two_digits + 2 * (value % 100), 2);
	if (value >= 10)
		memcpy(at -= 2, two_digits + 2 * value, 2);
	else
		*--at = (char)('0' + value);
	size_t n = (size_t)(digits + sizeof digits - at);
	memcpy(out, at, n);
	return out + n;
}

static char *put_signed(char *out, int64_t value)
{
	if (value < 0)
		*out++ = '-';
	return put_whole(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* Fixed point with six decimals, as %.6f writes it. */
static char *put_millionths(char *out, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint32_t fraction = (uint32_t)(magnitude % 1000000);
	if (value < 0)
		*out++ = '-';
	out = put_whole(out, magnitude / 1000000);
	*out = '.';
	memcpy(out + 1, two_digits + 2 * (fraction / 10000), 2);
	memcpy(out + 3, two_digits + 2 * (fraction / 100 % 100), 2);
	memcpy(out + 5, two_digits + 2 * (fraction % 100), 2);
	return out + 7;
}

static int end_record(struct profile_writer *w, char *end)
{
	*end++ = '\n';
	w->used = (size_t)(end - w->buffer);
	return 0;
}

/* ---- fields ---- */

static char *put_status(char *out, int status)
{
	if (status != PROFILE_STATUS_UNKNOWN)
		return put_signed(out, status);
	*out++ = '?';
	return out;
}

static char *put_maybe(char *out, int64_t umib)
{
	if (umib != PROFILE_UNTOLD)
		return put_millionths(out, umib);
	*out++ = '?';
	return out;
}

/* Room for a text of `n` bytes, and for what follows; NULL: there is no memory. */
static inline char *make_room(struct profile_writer *w, size_t n)
{
	n += LONGEST_NUMBERS;
	return w->allocated - w->used >= n ? w->buffer + w->used : writer_reserve(w, n);
}

/* The same behind `out`. */
static inline char *make_more(struct profile_writer *w, const char *out, size_t n)
{
	w->used = (size_t)(out - w->buffer);
	return make_room(w, n);
}

/* Where a text must be, nothing is no text: a name that was read while it was being made is empty.
 */
static const char *some(const char *text)
{
	return text[strspn(text, " ")] ? text : "_";
}

/* A word: blanks would make several of it, and controls several lines. */
static char *put_word(struct profile_writer *w, char *out, const char *word)
{
	word = *word ? word : "_";
	out = make_more(w, out, strlen(word));
	for (; out && *word; word++)
		*out++ = (unsigned char)*word <= ' ' || *word == 0x7f ? '_' : *word;
	return out;
}

static char *put_place(struct profile_writer *w, char *out, const struct profile_place *place)
{
	char *text;
	if (asprintf(&text, "%s:%d", some(place->file), place->line) < 0)
		return NULL;
	size_t n = profile_quote(NULL, 0, text);
	out = make_more(w, out, n + 1);
	if (out)
		out += profile_quote(out, n + 1, text);
	free(text);
	return out;
}

static char *put_as_it_is(struct profile_writer *w, char *out, const char *text)
{
	out = make_more(w, out, strlen(text));
	return out ? stpcpy(out, text) : NULL;
}

/* A process may call itself anything; what reaches the file is UTF-8 in one line. */
static char *put_text(struct profile_writer *w, char *out, const char *text)
{
	char *printable = text_printable(text);
	out = printable ? put_as_it_is(w, out, printable) : NULL;
	free(printable);
	return out;
}

/* LONGEST_NUMBERS have room at `out`, before and after a text. A switch, since calls through a
 * table would cost as much again as the digits. */
static inline char *put_field(struct profile_writer *w, char *out, enum field_type type,
			      const void *from)
{
	switch (type) {
	case FIELD_MEMORY:
	case FIELD_BELOW:
	case FIELD_FIGURE: /* 0: older readers take no ? */
	case FIELD_MOMENT: return put_millionths(out, *(const int64_t *)from);
	case FIELD_MAYBE: return put_maybe(out, *(const int64_t *)from);
	case FIELD_CHANGE: return put_signed(out, *(const int64_t *)from);
	case FIELD_COUNT: return put_whole(out, *(const uint64_t *)from);
	case FIELD_PID: /* an int everywhere; the kernel has -1 for one that is no more */
	case FIELD_WHOLE: return put_signed(out, *(const int *)from > 0 ? *(const int *)from : 0);
	case FIELD_STATUS: return put_status(out, *(const int *)from);
	case FIELD_SCOPE: return stpcpy(out, *(const bool *)from ? "device" : "tree");
	case FIELD_HOW: return stpcpy(out, profile_hows[*(const unsigned char *)from]);
	case FIELD_WORD:
	case FIELD_NAME: return put_word(w, out, *(const char *const *)from);
	case FIELD_PLACE: return put_place(w, out, from);
	case FIELD_TEXT: return put_text(w, out, *(const char *const *)from);
	case FIELD_SOME: return put_text(w, out, some(*(const char *const *)from));
	case FIELD_QUOTED: return put_as_it_is(w, out, *(const char *const *)from);
	case FIELD_NONE: break;
	}
	return out;
}

/* ---- records ---- */

/* Is there nothing to write from here on? */
static bool is_left_out(const struct profile_record *record, const struct field *f)
{
	if (f->type == FIELD_HOW)
		return record->how == PROFILE_UNSAID;
	for (; f->type == FIELD_BELOW; f++)
		if (*(const int64_t *)((const char *)record + f->at) != 0)
			return false;
	return !f->type;
}

int profile_put(struct profile_writer *w, const struct profile_record *record)
{
	const struct kind *kind = &profile_kinds[record->kind];
	size_t start = w->used;
	char *out = make_room(w, 0);
	if (!out)
		return writer_give_up(w, start);
	memcpy(out, kind->tag, sizeof kind->tag);
	out += kind->length;
	for (const struct field *f = kind->fields; f->type && out; f++) {
		if ((f->type == FIELD_HOW || f->type == FIELD_BELOW) && is_left_out(record, f))
			break;
		*out++ = ' ';
		out = put_field(w, out, f->type, (const char *)record + f->at);
	}
	return out ? end_record(w, out) : writer_give_up(w, start);
}

int profile_put_memory(struct profile_writer *w, int64_t us, uint64_t bytes)
{
	char *out = make_room(w, 0);
	if (!out)
		return writer_give_up(w, w->used);
	out = put_millionths(stpcpy(out, "MEM "), sample_umib(bytes));
	*out++ = ' ';
	return end_record(w, put_millionths(out, us));
}

/* ---- what holds several words ---- */

/* Appends a quoted text behind `prefix`; both may be of any length. */
static int put_quoted(struct profile_writer *w, const char *prefix, const char *text)
{
	size_t before = strlen(prefix), n = profile_quote(NULL, 0, text);
	char *out = writer_reserve(w, before + n + 1);
	if (!out)
		return -ENOMEM;
	memcpy(out, prefix, before);
	profile_quote(out + before, n + 1, text);
	w->used += before + n;
	return 0;
}

int profile_put_cmdline(struct profile_writer *w, char *const argv[])
{
	size_t start = w->used;
	int r = 0;
	for (size_t i = 0; argv[i] && r == 0; i++)
		r = put_quoted(w, i == 0 ? "CMDLINE " : " ", argv[i]);
	char *out = r == 0 ? writer_reserve(w, 1) : NULL;
	if (!argv[0])
		return 0;
	return out ? end_record(w, out) : writer_give_up(w, start);
}

int profile_put_meta(struct profile_writer *w, const struct profile_pair *pairs, size_t n)
{
	char prefix[64];
	size_t start = w->used;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		snprintf(prefix, sizeof prefix, "%s%s=", i == 0 ? "META " : " ", pairs[i].key);
		r = put_quoted(w, prefix, pairs[i].value);
	}
	char *out = r == 0 ? writer_reserve(w, 1) : NULL;
	if (n == 0)
		return 0;
	return out ? end_record(w, out) : writer_give_up(w, start);
}

int profile_put_lines(struct profile_writer *w, const char *text, size_t n)
{
	char *out = n > 0 ? writer_reserve(w, n) : NULL;
	if (n == 0)
		return 0;
	if (!out)
		return writer_give_up(w, w->used);
	memcpy(out, text, n);
	w->used += n;
	return 0;
}
