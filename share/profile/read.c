#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/parse.h"
#include "share/profile/reader.h"
#include "share/profile/scan.h"

enum {
	BLOCK = 256 << 10,
	LONGEST_LINE = 256 << 10, /* what is as long is skipped, or if it is the command, cut */
};

/* The samples of one call stay in the first-level cache. */
struct reading {
	struct profile_reader *reader;
	struct sample batch[PROFILE_BATCH];
	size_t n_batch;
};

static int hand_on(struct reading *r)
{
	const struct profile_sink *sink = r->reader->sink;
	size_t n = r->n_batch;
	r->n_batch = 0;
	return n > 0 && sink->samples ? sink->samples(r->reader->context, r->batch, n) : 0;
}

static void note_malformed(struct profile_reader *reader)
{
	if (reader->flaws.malformed++ == 0)
		reader->flaws.first_malformed = reader->flaws.lines;
}

static int read_sample(struct reading *r, const char *text, const char *end)
{
	struct sample sample;
	if (!record_parse_sample(&sample, text, end)) {
		note_malformed(r->reader);
		return 0;
	}
	r->batch[r->n_batch++] = sample;
	return r->n_batch == PROFILE_BATCH ? hand_on(r) : 0;
}

static int make_text(struct profile_reader *reader, size_t n)
{
	if (n <= reader->text_size)
		return 0;
	char *text = realloc(reader->text, 2 * n);
	if (!text)
		return -ENOMEM;
	reader->text = text;
	reader->text_size = 2 * n;
	return 0;
}

static int read_record(struct reading *r, enum profile_kind kind, const char *text, const char *end)
{
	struct profile_reader *reader = r->reader;
	struct profile_record record = { .kind = kind, .status = PROFILE_STATUS_UNKNOWN };
	int result = make_text(reader, (size_t)(end - text) + 1);
	if (result < 0)
		return result;
	if (!record_parse(&record, text, end, reader->text)) {
		note_malformed(reader);
		return 0;
	}
	result = hand_on(r); /* the samples before it first: the order is the file's */
	return result != 0 || !reader->sink->record
		       ? result
		       : reader->sink->record(reader->context, &record);
}

/* One line without its newline. */
static int read_line(struct reading *r, const char *line, size_t n)
{
	struct profile_reader *reader = r->reader;
	reader->flaws.lines++;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	const char *blank = memchr(line, ' ', n);
	size_t tag = blank ? (size_t)(blank - line) : n;
	const char *text = line + (blank ? tag + 1 : n), *end = line + n;
	enum profile_kind kind = record_kind(line, tag);
	if (kind == PROFILE_MEM)
		return read_sample(r, text, end);
	bool known = kind != PROFILE_KINDS;
	if (known && blank && !memchr(text, '\0', (size_t)(end - text)))
		return read_record(r, kind, text, end);
	/* Another tag may be a newer format's; what has none is damage. */
	if (known || tag == 0 || line[0] < 'A' || line[0] > 'Z')
		note_malformed(reader);
	return 0;
}

/* Whatever it was, unless it is the command. */
static int read_overlong(struct reading *r, const char *line)
{
	static const char tag[] = "CMDLINE ";
	if (memcmp(line, tag, sizeof tag - 1) == 0)
		return read_line(r, line, LONGEST_LINE);
	r->reader->flaws.lines++;
	note_malformed(r->reader);
	return 0;
}

/* The whole lines of a block: runs of plain MEM lines by the scanner, whatever else line by line.
 * Returns what is left over at the end, through *rest. */
static int read_lines(struct reading *r, const char *block, const char *end, const char **rest)
{
	while (block < end) {
		size_t room = PROFILE_BATCH - r->n_batch;
		size_t found =
			*block == 'M' ? profile_scan(&block, end, r->batch + r->n_batch, room) : 0;
		r->n_batch += found;
		r->reader->flaws.lines += found;
		int result = r->n_batch == PROFILE_BATCH ? hand_on(r) : 0;
		if (result != 0)
			return result;
		if (found == room)
			continue;
		const char *newline = memchr(block, '\n', (size_t)(end - block));
		if (!newline)
			break;
		size_t n = (size_t)(newline - block);
		result = n < LONGEST_LINE ? read_line(r, block, n) : read_overlong(r, block);
		if (result != 0)
			return result;
		block = newline + 1;
	}
	*rest = block;
	return 0;
}

char *profile_reader_room(struct profile_reader *reader, size_t n)
{
	size_t wanted = reader->kept + n;
	if (wanted > reader->allocated || !reader->buffer) {
		wanted += wanted / 8;
		char *buffer = realloc(reader->buffer, wanted + 2 * PROFILE_SCAN_SLACK);
		if (!buffer)
			return NULL;
		reader->buffer = buffer;
		reader->allocated = wanted;
	}
	return reader->buffer + PROFILE_SCAN_SLACK + reader->kept;
}

/* The end of the line that is skipped, or of all there is. */
static const char *skip(struct profile_reader *reader, const char *start, const char *end)
{
	if (!reader->skipping)
		return start;
	const char *newline = memchr(start, '\n', (size_t)(end - start));
	reader->skipping = !newline;
	return newline ? newline + 1 : end;
}

/* Keeps the beginning of a line, from `rest` on, for when its end comes. */
static int keep(struct reading *r, const char *rest, const char *end)
{
	struct profile_reader *reader = r->reader;
	int result = 0;
	reader->kept = (size_t)(end - rest);
	if (reader->kept >= LONGEST_LINE) {
		result = read_overlong(r, rest);
		reader->skipping = true;
		reader->kept = 0;
	}
	if (reader->kept > 0)
		memmove(reader->buffer + PROFILE_SCAN_SLACK, rest, reader->kept);
	reader->flaws.cut = reader->kept > 0 || reader->skipping;
	return result;
}

int profile_reader_take(struct profile_reader *reader, size_t n)
{
	struct reading r;
	const char *start = reader->buffer + PROFILE_SCAN_SLACK, *end = start + reader->kept + n;
	if (n == 0)
		return 0;
	r.reader = reader;
	r.n_batch = 0;
	/* Of a line that comes in many pieces each is looked at once. */
	bool any = reader->kept == 0 || memchr(end - n, '\n', n);
	const char *rest = start = skip(reader, start, end);
	int result = any ? read_lines(&r, start, end, &rest) : 0;
	if (result == 0)
		result = keep(&r, rest, end);
	return result != 0 ? result : hand_on(&r);
}

int profile_reader_read(struct profile_reader *reader, struct profile_input *input)
{
	for (;;) {
		char *room = profile_reader_room(reader, BLOCK);
		if (!room)
			return -ENOMEM;
		ssize_t n = input->read(input->handle, room, BLOCK);
		if (n == 0 && input->cut)
			reader->flaws.truncated = input->cut(input->handle);
		if (n <= 0)
			return (int)n;
		int result = profile_reader_take(reader, (size_t)n);
		if (result != 0)
			return result;
	}
}

void profile_reader_free(struct profile_reader *reader)
{
	free(reader->buffer);
	free(reader->text);
	reader->buffer = reader->text = NULL;
	reader->allocated = reader->kept = reader->text_size = 0;
}

int profile_read(struct profile_input *input, const struct profile_sink *sink, void *context,
		 struct profile_flaws *flaws)
{
	struct profile_reader reader = { .sink = sink, .context = context };
	int result = profile_reader_read(&reader, input);
	*flaws = reader.flaws;
	profile_reader_free(&reader);
	return result;
}
