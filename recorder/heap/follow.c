#include "recorder/heap/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recorder/heap/put.h"
#include "recorder/kernel/alive.h"
#include "recorder/kernel/procfs.h"
#include "recorder/python/shared.h"

static const int64_t ASK_EVERY = 250000000; /* ns: who lives */

/* ---- who it is ---- */

/* "NSpid:\t4242\t17": its own number stands at last. */
static int own_number(pid_t pid)
{
	char text[4096], *at;
	if (procfs_once(pid, "status", text, sizeof text) <= 0 || !(at = strstr(text, "\nNSpid:")))
		return 0;
	at[1 + strcspn(at + 1, "\n")] = '\0';
	return strrchr(at, '\t') ? atoi(strrchr(at, '\t')) : 0;
}

static bool is_in(pid_t pid, uint64_t space)
{
	char path[32];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid);
	return stat(path, &status) == 0 && status.st_ino == space;
}

/* In a namespace of its own a process has another number than ours for it. 0: it is not found. */
static pid_t pid_of(const struct recording *r, int number, uint64_t space)
{
	if (space == 0 || space == agent_pid_space())
		return number;
	for (size_t i = 0; i < r->family.n; i++) {
		pid_t pid = r->family.members[i]->pid;
		if (pid > 0 && is_in(pid, space) && own_number(pid) == number)
			return pid;
	}
	return 0;
}

/* ---- who came ---- */

/* Of two with one pid the later stands for the process. */
static void replace(struct heap_probe *heap, const struct holder *newest)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		struct holder *h = heap->holders[i];
		if (h && h != newest && newest->pid && h->pid == newest->pid &&
		    (h->serial < newest->serial ||
		     (h->serial == newest->serial && h->turn < newest->turn)))
			h->replaced = true;
	}
}

static void find_pid(struct heap_probe *heap, struct recording *r, struct holder *h)
{
	const struct heap_process *is = region_process(&heap->region, h->slot);
	if (h->pid || !is)
		return;
	h->pid = pid_of(r, h->number, is->space);
	replace(heap, h);
}

static void meet(struct heap_probe *heap, struct recording *r, size_t slot, int64_t now)
{
	struct holder *h = holder_new(&heap->region, slot, now);
	if (!h)
		return;
	h->turn = ++heap->met;
	r->heap.seen = heap->met;
	heap->holders[slot] = h;
}

void follow_look(struct heap_probe *heap, struct recording *r, int64_t now)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		if (!heap->holders[i])
			meet(heap, r, i, now);
		struct holder *h = heap->holders[i];
		if (!h)
			continue;
		find_pid(heap, r, h);
		if (holder_stays(h, &heap->region)) {
			const struct heap_process *is = region_process(&heap->region, i);
			heap->flags |= is ? is->flags : 0;
			holder_look(h, &heap->region);
		}
	}
}

void follow_exec(struct heap_probe *heap, pid_t pid, int64_t at)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		struct holder *h = heap->holders[i];
		if (h && h->pid == pid && h->met < at)
			h->replaced = true;
	}
}

/* ---- who has gone ---- */

/* The target's end is the recording's, and told by it. */
static void ask(struct heap_probe *heap, const struct recording *r)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		struct holder *h = heap->holders[i];
		if (h && h->pid > 0 && h->pid != r->target.pid && !h->gone)
			h->gone = !alive_is(h->pid);
	}
}

/* All has been told of it; where a GONE ends what it holds, that need not be said. */
static bool end(struct heap_probe *heap, struct recording *r, struct holder *h, int64_t now)
{
	return (!h->replaced && r->family.reach != FAMILY_ALONE) ||
	       put_end(heap, r, h, h->replaced, now);
}

static void make_free(struct heap_probe *heap, struct holder *h)
{
	struct heap_process *is = region_process(&heap->region, h->slot);
	heap->holders[h->slot] = NULL;
	if (is && holder_stays(h, &heap->region))
		atomic_store_explicit(&is->pid, 0, memory_order_release);
	holder_free(h);
}

void follow_drop(struct heap_probe *heap, struct recording *r, int64_t now)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		struct holder *h = heap->holders[i];
		if (!h || (!h->gone && !h->replaced))
			continue;
		if (!h->ended)
			h->ended = end(heap, r, h, now);
		if (h->ended && h->waiting == 0)
			make_free(heap, h);
	}
	if (now - heap->asked_at < ASK_EVERY)
		return;
	heap->asked_at = now;
	ask(heap, r);
}

/* ---- figures ---- */

static void take_figures(struct heap_figures *to, const struct heap_process *is, pid_t pid)
{
	*to = (struct heap_figures){
		.pid = pid,
		.asked = atomic_load_explicit(&is->asked, memory_order_acquire),
		.allocator = atomic_load(&is->allocator),
		.malloc_used = atomic_load(&is->malloc_used),
		.malloc_kept = atomic_load(&is->malloc_kept),
		.malloc_range = atomic_load(&is->malloc_range),
		.malloc_moved = atomic_load(&is->in_malloc) - atomic_load(&is->in_malloc_then),
		.malloc_whole = atomic_load(&is->whole),
		.python_used = atomic_load(&is->python_used),
		.python_kept = atomic_load(&is->python_kept),
		.python_moved = atomic_load(&is->in_python) - atomic_load(&is->in_python_then),
		.python_mapped =
			atomic_load(&is->python_range) - atomic_load(&is->python_range_then),
	};
}

void follow_figures(struct heap_probe *heap, struct recording *r)
{
	size_t n = 0;
	if (!heap->figures)
		heap->figures = calloc(HEAP_PROCESSES, sizeof *heap->figures);
	for (size_t i = 0; i < HEAP_PROCESSES && heap->figures; i++) {
		struct holder *h = heap->holders[i];
		struct heap_process *is = h ? region_process(&heap->region, i) : NULL;
		if (!is || !h->pid || h->gone || h->replaced)
			continue;
		take_figures(&heap->figures[n++], is, h->pid);
		if (h->wanted != r->heap.wanted)
			atomic_store(&is->wanted, h->wanted = r->heap.wanted);
	}
	r->heap.all = heap->figures;
	r->heap.n = n;
}

void follow_close(struct heap_probe *heap)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++)
		holder_free(heap->holders[i]);
	free(heap->figures);
}
