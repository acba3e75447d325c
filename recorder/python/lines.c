#include "recorder/python/lines.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/profile.h"

static int64_t in_umib(int64_t bytes)
{
	const int64_t most = (int64_t)1 << 60;
	if (bytes > most || bytes < -most)
		return 0;
	return bytes < 0 ? -sample_umib((uint64_t)-bytes) : sample_umib((uint64_t)bytes);
}

/* A copy of a listing's head, if all that it says it holds lies within its `size` bytes. */
static bool take_head(const struct agent_listing *listing, uint64_t size,
		      struct agent_listing *head)
{
	if (size < sizeof *head)
		return false;
	memcpy(head, listing, sizeof *head);
	uint64_t lines = (uint64_t)head->n_lines * sizeof(struct agent_line);
	return head->first >= 0 && sizeof *head + lines + head->text <= size && head->text >= 2;
}

/* A copy of both texts, which somebody may still be writing to; NULL: they are not what they should
 * be, each ended where the other begins. The caller frees *file. */
static const char *take_texts(const struct agent_listing *listing, const struct agent_listing *head,
			      char **file)
{
	char *texts = malloc(head->text);
	*file = texts;
	if (!texts)
		return NULL;
	memcpy(texts, &listing->lines[head->n_lines], head->text);
	const char *end = memchr(texts, '\0', head->text);
	if (!end || end == texts || end + 1 >= texts + head->text || texts[head->text - 1] != '\0')
		return NULL;
	return end[1] ? end + 1 : NULL;
}

static size_t put_listing(const struct agent_listing *listing, const struct agent_listing *head,
			  struct profile_writer *writer)
{
	char *file;
	const char *name = take_texts(listing, head, &file);
	size_t put = 0;
	for (uint32_t i = 0; name && i < head->n_lines; i++) {
		struct agent_line counted;
		memcpy(&counted, &listing->lines[i], sizeof counted);
		const struct profile_record record = {
			.kind = PROFILE_LINE,
			.place = { file, (int)(head->first + (int64_t)i) },
			.function = name,
			.at.umib = in_umib(counted.most),
			.increment = in_umib(counted.increment),
			.peak = in_umib(counted.peak),
			.occurrences = counted.occurrences,
			.foreign = in_umib(counted.foreign),
			.pid = (pid_t)atomic_load(&listing->head.pid),
		};
		if (counted.occurrences == 0 || counted.occurrences > INT64_MAX ||
		    record.place.line < 0)
			continue;
		profile_put(writer, &record);
		put++;
	}
	free(file);
	profile_flush(writer);
	return put;
}

size_t lines_put(const struct agent_shared *shared, struct profile_writer *writer)
{
	uint64_t used = atomic_load(&shared->used), at = AGENT_BLOCKS;
	size_t put = 0;
	if (used > AGENT_BYTES)
		used = AGENT_BYTES;
	while (used >= sizeof(struct agent_block) && at <= used - sizeof(struct agent_block)) {
		const struct agent_listing *listing =
			(const struct agent_listing *)((const char *)shared + at);
		uint64_t size = listing->head.size;
		struct agent_listing head;
		if (size < sizeof(struct agent_block) || size % 8 != 0 || size > used - at)
			break;
		if (listing->head.kind == AGENT_LISTING && take_head(listing, size, &head))
			put += put_listing(listing, &head, writer);
		at += size;
	}
	return put;
}

/* ---- records ---- */

static struct agent_buffer *buffer_at(struct agent_shared *shared, unsigned i)
{
	unsigned at = atomic_load(&shared->buffers[i]);
	if (at < AGENT_BLOCKS || at % 8 != 0 || at > AGENT_BYTES - sizeof(struct agent_buffer))
		return NULL;
	return (struct agent_buffer *)((char *)shared + at);
}

/* Whole lines only, whatever stands there. */
static size_t whole_lines(const char *text, size_t n)
{
	while (n > 0 && text[n - 1] != '\n')
		n--;
	return n;
}

/* In a container a program has other pids than we: of those nobody can be asked. */
static bool has_ended(const struct agent_buffer *buffer, int pid)
{
	uint64_t space = atomic_load(&buffer->space);
	return pid > 0 && space != 0 && kill(pid, 0) < 0 && errno == ESRCH &&
	       space == agent_pid_space();
}

static void drain(struct agent_buffer *buffer, struct profile_writer *writer, bool at_end)
{
	int pid = atomic_load(&buffer->head.pid);
	bool gone = has_ended(buffer, pid);
	unsigned used = atomic_load_explicit(&buffer->used, memory_order_acquire);
	/* One that was killed at it has left it busy. */
	if (pid <= 0 || (used == 0 && !gone) ||
	    (atomic_exchange_explicit(&buffer->busy, 1, memory_order_acquire) && !gone && !at_end))
		return;
	used = atomic_load_explicit(&buffer->used, memory_order_acquire);
	if (used <= sizeof buffer->text)
		profile_put_lines(writer, buffer->text, whole_lines(buffer->text, used));
	atomic_store(&buffer->used, 0);
	if (gone) {
		atomic_store(&buffer->space, 0);
		atomic_store(&buffer->head.pid, 0);
	}
	atomic_store_explicit(&buffer->busy, 0, memory_order_release);
}

void lines_drain(struct agent_shared *shared, struct profile_writer *writer, bool at_end)
{
	unsigned n = atomic_load(&shared->n_buffers);
	for (unsigned i = 0; i < n && i < AGENT_BUFFERS; i++) {
		struct agent_buffer *buffer = buffer_at(shared, i);
		if (buffer)
			drain(buffer, writer, at_end);
	}
}
