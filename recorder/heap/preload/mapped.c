#include "recorder/heap/preload/mapped.h"

#include <math.h>
#include <stdatomic.h>

#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/shared.h"
#include "recorder/heap/preload/site.h"

/* In no order: who maps and unmaps makes the kernel do far more than this is looked through. */
static struct sampled *all;
static size_t room;
static atomic_size_t n;

size_t mapped_size(void)
{
	return atomic_load_explicit(&n, memory_order_relaxed);
}

struct sampled *mapped_all(size_t *size)
{
	*size = n;
	return all;
}

static bool make_room(void)
{
	size_t more = room ? room * 2 : 128;
	if (n < room)
		return true;
	struct sampled *made = object_memory(more * sizeof *made);
	if (!made)
		return false;
	for (size_t i = 0; i < n; i++)
		made[i] = all[i];
	if (all)
		object_munmap(all, room * sizeof *all);
	all = made;
	room = more;
	return true;
}

void mapped_add(const struct sampled *one)
{
	if (!make_room())
		return;
	all[n] = *one;
	atomic_store_explicit(&n, n + 1, memory_order_relaxed);
}

static double chance(size_t size)
{
	return -expm1(-(double)size / shared_mean);
}

/* What is left of a sample is one with as much less chance as it has fewer bytes. */
static void leave(const struct sampled *was, const void *low, size_t size, double even)
{
	if (size == 0 || even >= chance(size) / chance(was->size))
		return;
	mapped_add(&(struct sampled){ low, size, was->site, 0, 0 });
	site_stays(was->site, size);
}

static void end_one(size_t i, uintptr_t low, uintptr_t high, double even)
{
	struct sampled was = all[i];
	uintptr_t from = (uintptr_t)was.pointer, to = from + was.size;
	all[i] = all[n - 1];
	atomic_store_explicit(&n, n - 1, memory_order_relaxed);
	site_ends(was.site, was.size);
	if (from < low)
		leave(&was, was.pointer, low - from, even);
	if (to > high)
		leave(&was, (const void *)high, to - high, 1 - even);
}

bool mapped_end(const void *at, size_t size, uint64_t even)
{
	uintptr_t low = (uintptr_t)at, high = low + size;
	bool any = false;
	for (size_t i = n; i-- > 0;) {
		uintptr_t from = (uintptr_t)all[i].pointer;
		if (from >= high || from + all[i].size <= low)
			continue;
		end_one(i, low, high, (double)(even >> 11) * 0x1p-53);
		any = true;
	}
	return any;
}
