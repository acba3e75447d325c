#include "recorder/heap/preload/whole.h"

#include <stdint.h>

#include "recorder/heap/preload/lock.h"
#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/rest.h"
#include "recorder/heap/preload/table.h"
#include "recorder/heap/preload/trim.h"

struct block {
	uint64_t address, bytes; /* bytes: that it stands for, with as many blocks of its size */
	uint64_t size;
};

/* ---- in the order of their addresses ---- */

static void sink(struct block *all, size_t at, size_t n)
{
	for (size_t child; (child = at * 2 + 1) < n; at = child) {
		if (child + 1 < n && all[child + 1].address > all[child].address)
			child++;
		if (all[at].address >= all[child].address)
			return;
		struct block one = all[at];
		all[at] = all[child];
		all[child] = one;
	}
}

/* qsort(3) may allocate. */
static void sort(struct block *all, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sink(all, i, n);
	for (size_t end = n; end-- > 1;) {
		struct block highest = all[0];
		all[0] = all[end];
		all[end] = highest;
		sink(all, 0, end);
	}
}

/* ---- how they lie ---- */

struct sum {
	uint64_t free, whole;
};

/* Those that a sampled block stands for lie evenly between its neighbours, half the way to each. */
static void add(struct sum *sum, const struct block *block, uint64_t space)
{
	uint64_t n = block->size ? block->bytes / block->size + 1 : 1;
	uint64_t free = space > block->bytes ? space - block->bytes : 0;
	sum->free += free;
	sum->whole += trim_of(free, n);
}

/* Blocks farther apart than an arena is long lie in two of them. */
static uint64_t between(const struct block *one, const struct block *next)
{
	static const uint64_t FAR = (uint64_t)16 << 30;
	uint64_t apart = next->address - one->address;
	return apart < FAR ? apart : 0;
}

static struct sum look(const struct block *all, size_t n)
{
	struct sum sum = { 0 };
	for (size_t i = 0; i < n; i++) {
		uint64_t below = i > 0 ? between(&all[i - 1], &all[i]) : 0;
		uint64_t above = i + 1 < n ? between(&all[i], &all[i + 1]) : 0;
		add(&sum, &all[i], (below + above) / 2);
	}
	return sum;
}

/* ---- asking ---- */

/* Each k-th, which stands for as many; the table has them in no order. */
static size_t copy(struct block *to, size_t room, size_t k)
{
	size_t n, seen = 0, taken = 0;
	const struct sampled *all = table_all(&n);
	for (size_t i = 0; i < n && taken < room; i++)
		if (all[i].pointer && all[i].in_malloc > 0 && seen++ % k == 0)
			to[taken++] = (struct block){ (uintptr_t)all[i].pointer,
						      (uint64_t)all[i].in_malloc * k, all[i].size };
	return taken;
}

/* The program waits meanwhile. What is free beside them all is whole. */
static unsigned ask(uint64_t free, unsigned otherwise)
{
	enum { MOST = 1 << 15, FEW = 2, ALL = 1000 };
	size_t n = 0, size = table_size(), k = size / MOST + 1, room = size / k + 1;
	struct block *all = object_memory(room * sizeof *all);
	if (!all)
		return otherwise;
	if (lock_take()) {
		n = copy(all, room, k);
		lock_leave();
	}
	sort(all, n);
	struct sum sum = look(all, n);
	object_munmap(all, room * sizeof *all);
	if (free > sum.free) {
		sum.whole += free - sum.free;
		sum.free = free;
	}
	uint64_t share = n < FEW || sum.free < ALL ? ALL : sum.whole / (sum.free / ALL);
	return share < ALL ? (unsigned)share : ALL;
}

static unsigned last = 1000;
int64_t whole_not_before;

unsigned whole_share(uint64_t free)
{
	enum { REST = 100 };
	int64_t before = rest_now();
	if (before < whole_not_before)
		return last;
	last = ask(free, last);
	whole_not_before = rest_until(whole_not_before, before, REST);
	return last;
}

void whole_forked(void)
{
	whole_not_before = 0;
}
