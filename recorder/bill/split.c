#include "recorder/bill/split.h"

#include "recorder/recording/results.h"

/* As much of it as there is. */
static void move(struct classes_sum *sum, enum bill_class from, enum bill_class to, uint64_t bytes)
{
	uint64_t most = sum->bytes[from];
	bytes = bytes < most ? bytes : most;
	sum->bytes[from] -= bytes;
	sum->bytes[to] += bytes;
}

/* From maps without a name, those in small pages first. */
static void move_nameless(struct classes_sum *sum, enum bill_class to, uint64_t bytes)
{
	uint64_t small = sum->bytes[BILL_ANON] < bytes ? sum->bytes[BILL_ANON] : bytes;
	move(sum, BILL_ANON, to, small);
	move(sum, BILL_HUGE, to, bytes - small);
}

/* What a figure is by now. */
static uint64_t moved(uint64_t figure, int64_t by)
{
	return by < 0 && figure < (uint64_t)-by ? 0 : figure + (uint64_t)by;
}

/* Of another malloc, which may have the brk heap too. */
static void move_foreign(struct classes_sum *sum, enum bill_class to, uint64_t bytes)
{
	uint64_t low = sum->bytes[BILL_HEAP] < bytes ? sum->bytes[BILL_HEAP] : bytes;
	move(sum, BILL_HEAP, to, low);
	move_nameless(sum, to, bytes - low);
}

/* glibc's: what is free in the brk heap and the arenas, less what of them is not resident, which
 * was given back already or never touched. Blocks with a map of their own stay where they are: how
 * much of those is resident, nothing tells. */
static void split_arenas(struct classes_sum *sum, const struct heap_figures *figures)
{
	uint64_t resident = sum->bytes[BILL_HEAP];
	uint64_t absent = sum->heap_range > resident ? sum->heap_range - resident : 0;
	int64_t grown = figures->malloc_range
				? (int64_t)sum->heap_range - (int64_t)figures->malloc_range
				: 0;
	int64_t more = grown - figures->malloc_moved;
	uint64_t free =
		moved(figures->malloc_kept, more > 0 ? more / 1000 * figures->malloc_whole : more);
	uint64_t kept = free > absent ? free - absent : 0;
	move(sum, BILL_HEAP, BILL_KEPT, kept);
	move(sum, BILL_HEAP, BILL_USED, UINT64_MAX);
}

void split_heap(struct classes_sum *sum, const struct heap_figures *figures)
{
	if (figures->asked == 0)
		return;
	move_nameless(sum, BILL_PYTHON, moved(figures->python_used, figures->python_moved));
	move_nameless(sum, BILL_SPARE,
		      moved(figures->python_kept, figures->python_mapped - figures->python_moved));
	if (figures->allocator == 0) {
		split_arenas(sum, figures);
	} else {
		move_foreign(sum, BILL_USED, figures->malloc_used);
		move_foreign(sum, BILL_KEPT, figures->malloc_kept);
	}
}
