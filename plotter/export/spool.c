#include "plotter/export/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/array.h"
#include "share/profile/kinds.h"

enum { BLOCK = 1 << 20 }; /* holds the longest item several times */

/* What stands before the samples of a batch, or before the text of a record. */
struct item {
	uint32_t size; /* of what follows */
	uint16_t kind;
	bool whole_device;
	pid_t pid;
	struct sample at;
};

/* With what follows it, so that the next one is aligned. */
static size_t room_of(const struct item *item)
{
	size_t n = sizeof *item + item->size, unit = _Alignof(struct item);
	return (n + unit - 1) / unit * unit;
}

/* ---- writing ---- */

static int write_all(int fd, const char *bytes, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, bytes, n, (off_t)at);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			at += (uint64_t)done;
			n -= (size_t)done;
		}
	}
	return 0;
}

static int open_file(struct spool *spool)
{
	FILE *file = spool->is_file ? NULL : tmpfile();
	if (spool->is_file)
		return 0;
	spool->fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;
	int r = spool->fd < 0 ? -errno : 0;
	if (file)
		fclose(file);
	spool->is_file = r == 0;
	return r;
}

static int flush(struct spool *spool)
{
	int r = open_file(spool);
	if (r == 0)
		r = write_all(spool->fd, spool->block, spool->used, spool->flushed);
	if (r == 0) {
		spool->flushed += spool->used;
		spool->used = 0;
	}
	return r;
}

static int put(struct spool *spool, const struct item *item, const void *bytes)
{
	size_t n = room_of(item);
	if (!spool->block)
		spool->block = malloc(BLOCK);
	if (!spool->block)
		return -ENOMEM;
	int r = spool->used + n > BLOCK ? flush(spool) : 0;
	if (r < 0)
		return r;
	char *to = mempcpy(spool->block + spool->used, item, sizeof *item);
	if (item->size > 0)
		to = mempcpy(to, bytes, item->size);
	memset(to, 0, n - sizeof *item - item->size);
	spool->used += n;
	spool->last.counts[item->kind]++;
	return 0;
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	const struct item item = { .kind = PROFILE_MEM, .size = (uint32_t)(n * sizeof *samples) };
	return put(context, &item, samples);
}

/* Back to where the recording began. */
static void rewind_to(struct spool *spool, uint64_t start)
{
	if (start < spool->flushed) {
		spool->flushed = start;
		spool->used = 0;
	} else {
		spool->used = (size_t)(start - spool->flushed);
	}
	spool->last = (struct spool_span){ .start = start };
}

static int on_record(void *context, const struct profile_record *record)
{
	struct spool *spool = context;
	if (record->kind == PROFILE_CMDLINE)
		rewind_to(spool, spool->last.start);
	if (!profile_kinds[record->kind].series)
		return 0;
	const struct item item = {
		.kind = (uint16_t)record->kind,
		.whole_device = record->whole_device,
		.pid = record->pid,
		.at = record->at,
		.size = record->text ? (uint32_t)strlen(record->text) + 1 : 0,
	};
	return put(spool, &item, record->text);
}

const struct profile_sink spool_sink = { on_samples, on_record };

void spool_begin(struct spool *spool)
{
	rewind_to(spool, spool->n ? spool->spans[spool->n - 1].end : 0);
}

int spool_keep(struct spool *spool)
{
	struct spool_span *span = array_more(&spool->spans, &spool->n, sizeof *span);
	if (!span)
		return -ENOMEM;
	*span = spool->last;
	span->end = spool->flushed + spool->used;
	return 0;
}

/* ---- reading ---- */

static int read_all(int fd, char *bytes, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t done = pread(fd, bytes, n, (off_t)at);
		if (done == 0 || (done < 0 && errno != EINTR))
			return done == 0 ? -EIO : -errno;
		if (done > 0) {
			bytes += done;
			at += (uint64_t)done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Hands on the whole items of a block; returns how many bytes they were, or a sink's result through
 * *result. */
static size_t replay_block(const char *block, size_t n, enum profile_kind kind,
			   const struct profile_sink *sink, void *context, int *result)
{
	size_t at = 0;
	struct item item;
	for (*result = 0; *result == 0 && n - at >= sizeof item; at += room_of(&item)) {
		memcpy(&item, block + at, sizeof item);
		const char *bytes = block + at + sizeof item;
		if (n - at < room_of(&item))
			break;
		const struct profile_record record = {
			.kind = (enum profile_kind)item.kind,
			.pid = item.pid,
			.at = item.at,
			.whole_device = item.whole_device,
			.text = item.size > 0 ? bytes : NULL,
		};
		if (kind != PROFILE_KINDS && record.kind != kind)
			continue;
		*result =
			record.kind == PROFILE_MEM
				? sink->samples(context, (const struct sample *)(const void *)bytes,
						item.size / sizeof(struct sample))
				: sink->record(context, &record);
	}
	return at;
}

int spool_replay(struct spool *spool, size_t span, enum profile_kind kind,
		 const struct profile_sink *sink, void *context)
{
	uint64_t at = spool->spans[span].start, end = spool->spans[span].end;
	int r = spool->is_file && spool->used > 0 ? flush(spool) : 0;
	if (r == 0 && !spool->is_file && at < end) {
		replay_block(spool->block + at, (size_t)(end - at), kind, sink, context, &r);
		return r;
	}
	while (r == 0 && at < end) {
		size_t n = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
		r = read_all(spool->fd, spool->block, n, at);
		if (r == 0)
			at += replay_block(spool->block, n, kind, sink, context, &r);
	}
	return r;
}

void spool_free(struct spool *spool)
{
	if (spool->is_file)
		close(spool->fd);
	free(spool->block);
	free(spool->spans);
	*spool = (struct spool){ 0 };
}
