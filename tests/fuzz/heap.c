/* What the recorder reads of a heap's segment: of any bytes behind its head it ends, stays within
 * them, and writes records that can be read again. */
#include <string.h>
#include <unistd.h>

#include "recorder/heap/follow.h"
#include "recorder/heap/put.h"
#include "recorder/python/aside.h"
#include "share/command.h"
#include "tests/fuzz/fuzz.h"

const struct program this_program = { .name = "fuzz" };

enum { HEAD = (sizeof(struct heap_shared) + 63) / 64 * 64, SLOTS = 3, APART = 1024 };

static int64_t look(struct heap_probe *heap, struct recording *r, int64_t now, bool last)
{
	follow_look(heap, r, now);
	put_changes(heap, r, now, last);
	put_waiting(heap, r, last);
	follow_drop(heap, r, now);
	follow_figures(heap, r);
	return now + 1000000000;
}

static void check_records(const struct profile_writer *w)
{
	for (const char *at = w->buffer, *end = at + w->used; w->used > 0 && at < end;) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		PROMISE(line && memchr(at, ' ', (size_t)(line - at)));
		at = line + 1;
	}
}

static void close_heap(struct heap_probe *heap)
{
	while (aside_is_busy(heap->aside)) /* it would be left alone, with what it has */
		usleep(1000);
	follow_close(heap);
	places_free(&heap->places);
	stacks_free(&heap->stacks);
	namer_close(&heap->namer);
	told_free(&heap->own);
	aside_free(heap->aside);
	free(heap->waiting);
	free(heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heap_probe *heap = calloc(1, sizeof *heap);
	struct recording *r = calloc(1, sizeof *r);
	char *base = calloc(1, HEAD + size); /* what lies behind it is not to be touched */
	PROMISE(heap && r && base && (heap->aside = aside_new()));
	struct heap_shared *shared = (struct heap_shared *)base;
	memcpy(base + HEAD, data, size);
	for (size_t i = 0; i < SLOTS; i++)
		atomic_store(&shared->processes[i], HEAD + i * APART);
	heap->region = (struct region){ base, HEAD + size };
	heap->namer.off = true;
	r->writer.fd = -1;
	int64_t now = look(heap, r, 1000000000, false);
	for (size_t i = 0; i < size; i += 97) /* it changes while it is read */
		base[HEAD + i] ^= (char)(1 << i % 7);
	now = look(heap, r, now, false);
	look(heap, r, now, true);
	check_records(&r->writer);
	free(r->writer.buffer);
	close_heap(heap);
	free(r);
	free(base);
	return 0;
}
