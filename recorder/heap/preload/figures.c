#include "recorder/heap/preload/figures.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "recorder/heap/preload/confined.h"
#include "recorder/heap/preload/native.h"
#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_arenas.h"
#include "recorder/heap/preload/rest.h"
#include "recorder/heap/preload/shared.h"
#include "recorder/heap/preload/trim.h"
#include "recorder/heap/preload/whole.h"

enum { GLIBC, JEMALLOC, TCMALLOC, MIMALLOC, OTHER = 9 };

struct figures {
	uint64_t used, kept, range; /* range: of glibc's arenas, else 0 */
};

/* ---- those that there are ---- */

/* mallinfo2(3), of all arenas; the C library has it from 2.33 on. */
struct malloc_info {
	size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks,
		keepcost;
};

/* Of many blocks that are free their number does not tell which are larger than a page; and those
 * of the fast bins become one with their neighbours only when they are needed, or given back.
 * malloc_info(3) would tell, but into a stream: the caller may hold the lock of another, for which
 * whoever flushes all of them waits. */
static uint64_t given_back(const struct malloc_info *info)
{
	enum { SHARE = 32 };
	uint64_t all = info->fordblks, fast = info->fsmblks < all ? info->fsmblks : all;
	uint64_t bytes = trim_of(all - fast, info->ordblks);
	return bytes + (fast > all / SHARE ? fast / 1000 * whole_share(all) : 0);
}

static bool ask_glibc(void *function, struct figures *figures)
{
	struct malloc_info (*ask)(void);
	*(void **)&ask = function;
	struct malloc_info info = ask();
	*figures = (struct figures){ info.uordblks + info.hblkhd, given_back(&info), info.arena };
	return true;
}

/* jemalloc(3): figures are as of the last time that "epoch" was written. */
static bool ask_jemalloc(void *function, struct figures *figures)
{
	int (*ask)(const char *, void *, size_t *, void *, size_t);
	uint64_t epoch = 1;
	size_t size = sizeof epoch, used, resident, n = sizeof used;
	*(void **)&ask = function;
	if (ask("epoch", &epoch, &size, &epoch, sizeof epoch) != 0 ||
	    ask("stats.allocated", &used, &n, NULL, 0) != 0 ||
	    ask("stats.resident", &resident, &n, NULL, 0) != 0)
		return false;
	*figures = (struct figures){ used, resident > used ? resident - used : 0, 0 };
	return true;
}

/* gperftools' malloc_extension_c.h */
static bool ask_tcmalloc(void *function, struct figures *figures)
{
	int (*ask)(const char *, size_t *);
	size_t used, heap, unmapped;
	*(void **)&ask = function;
	if (!ask("generic.current_allocated_bytes", &used) || !ask("generic.heap_size", &heap) ||
	    !ask("tcmalloc.pageheap_unmapped_bytes", &unmapped))
		return false;
	*figures = (struct figures){ used, heap > used + unmapped ? heap - used - unmapped : 0, 0 };
	return true;
}

/* It says nothing of what is used. */
static bool ask_nothing(void *function, struct figures *figures)
{
	(void)function;
	(void)figures;
	return false;
}

static const struct allocator {
	const char *symbol;
	unsigned is;
	bool (*ask)(void *function, struct figures *figures);
} allocators[] = {
	{ "mallctl", JEMALLOC, ask_jemalloc },
	{ "je_mallctl", JEMALLOC, ask_jemalloc },
	{ "MallocExtension_GetNumericProperty", TCMALLOC, ask_tcmalloc },
	{ "mi_malloc", MIMALLOC, ask_nothing },
};

static const struct allocator glibc = { "mallinfo2", GLIBC, ask_glibc };
static const struct allocator other = { "malloc", OTHER, ask_nothing };

/* ---- which it is ---- */

static const struct allocator *present = &other;
static void *function;

static bool is_there(const struct allocator *allocator, void *where)
{
	function = dlsym(where, allocator->symbol);
	if (function)
		present = allocator;
	return function != NULL;
}

void figures_begin(void)
{
	enum { N = sizeof allocators / sizeof *allocators };
	const unsigned others = HEAP_SAW_ALLOCATOR | HEAP_SAW_DISPLACED;
	bool foreign = next_is_foreign() || (shared_process->flags & others);
	if (!foreign && is_there(&glibc, RTLD_NEXT))
		return;
	for (size_t i = 0; foreign && i < N; i++)
		if (is_there(&allocators[i], RTLD_DEFAULT))
			return;
}

/* ---- asking ---- */

enum { LEAST = 8 << 20 };
static atomic_uint answered;
static atomic_bool busy;
static _Atomic int64_t moved;  /* bytes that came and went since the last answer, the sum */
static int64_t enough = LEAST; /* of them: what was told is another by now */
static int64_t not_before;     /* monotonic ns: where an answer takes long, it is not given often */

/* Of the arenas, which were at least as large as what was in use in them. */
static uint64_t free_about(struct heap_process *process)
{
	static int64_t most;
	int64_t range = (int64_t)process->malloc_range, is = process->in_malloc;
	most = is > most ? is : most;
	range = range > most ? range : most;
	return range > is ? (uint64_t)(range - is) : 0;
}

static void tell_malloc(struct heap_process *process, const struct figures *figures)
{
	atomic_store(&process->malloc_used, figures->used);
	atomic_store(&process->malloc_kept, figures->kept);
	atomic_store(&process->malloc_range, figures->range);
	atomic_store(&process->in_malloc_then, atomic_load(&process->in_malloc));
}

static void tell_python(struct heap_process *process, uint64_t used, uint64_t kept)
{
	atomic_store(&process->python_used, used);
	atomic_store(&process->python_kept, kept);
	atomic_store(&process->in_python_then, atomic_load(&process->in_python));
	atomic_store(&process->python_range_then, atomic_load(&process->python_range));
}

static void answer(struct heap_process *process)
{
	enum { SHARE = 16 };
	struct figures figures = { 0 };
	uint64_t used, kept;
	atomic_store(&process->allocator, present->is);
	atomic_store(&moved, 0);
	bool told = present->ask(function, &figures);
	if (told)
		tell_malloc(process, &figures);
	bool python = python_arenas_figures(&used, &kept);
	if (python)
		tell_python(process, used, kept);
	atomic_store(&process->version, (unsigned)python_version());
	if (told || python)
		atomic_store_explicit(&process->asked, rest_now(), memory_order_release);
	enough = LEAST + (int64_t)(figures.used / SHARE);
}

static bool is_due(const struct heap_process *process, unsigned *wanted)
{
	int64_t by = atomic_load_explicit(&moved, memory_order_relaxed);
	*wanted = atomic_load_explicit(&process->wanted, memory_order_relaxed);
	return by >= enough || -by >= enough ||
	       *wanted != atomic_load_explicit(&answered, memory_order_relaxed);
}

/* A handler may have interrupted an allocator, which must not be entered once more. A thread of
 * ours could answer at any time, but the program would notice that: it could no longer unshare(2)
 * its users, setuid(2) would miss it, and Python warns of a fork beside threads. */
void figures_answer(void)
{
	enum { REST = 50 };
	struct heap_process *process = shared_process;
	unsigned wanted;
	if (!process || confined_is() || !is_due(process, &wanted))
		return;
	int64_t before = rest_now();
	if (before < not_before && before < whole_not_before)
		return;
	if (native_in_signal() || atomic_exchange(&busy, true))
		return;
	atomic_store(&process->whole, whole_share(free_about(process)));
	if (before >= not_before) {
		answer(process);
		not_before = rest_until(not_before, before, REST);
		atomic_store(&answered, wanted);
	}
	atomic_store(&busy, false);
}

static void add(_Atomic int64_t *sum, int64_t bytes)
{
	atomic_fetch_add_explicit(sum, bytes, memory_order_relaxed);
}

void figures_move(const struct sampled *block, int sign)
{
	struct heap_process *process = shared_process;
	add(&moved, sign * (block->in_malloc + block->in_python));
	if (process && block->in_malloc != 0)
		add(&process->in_malloc, sign * block->in_malloc);
	if (process && block->in_python != 0)
		add(&process->in_python, sign * block->in_python);
}

void figures_forked(void)
{
	answered = 0;
	not_before = 0;
	whole_forked();
	busy = false;
	moved = 0;
	enough = LEAST;
}
