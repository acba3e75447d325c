#include "recorder/heap/preload/figures.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "recorder/heap/preload/native.h"
#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_arenas.h"
#include "recorder/heap/preload/shared.h"

enum { GLIBC, JEMALLOC, TCMALLOC, MIMALLOC, OTHER = 9 };

struct figures {
	uint64_t used, kept;
};

/* ---- those that there are ---- */

/* mallinfo2(3), of all arenas; the C library has it from 2.33 on. */
struct malloc_info {
	size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks,
		keepcost;
};

static bool ask_glibc(void *function, struct figures *figures)
{
	struct malloc_info (*ask)(void);
	*(void **)&ask = function;
	struct malloc_info info = ask();
	*figures = (struct figures){ info.uordblks + info.hblkhd, info.fordblks };
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
	*figures = (struct figures){ used, resident > used ? resident - used : 0 };
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
	*figures = (struct figures){ used, heap > used + unmapped ? heap - used - unmapped : 0 };
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

static const struct allocator *present;
static void *function;

static bool is_there(const struct allocator *allocator)
{
	function = dlsym(RTLD_DEFAULT, allocator->symbol);
	present = function ? allocator : NULL;
	return function != NULL;
}

static void find(void)
{
	if (!next_is_foreign() && is_there(&glibc))
		return;
	for (size_t i = 0; next_is_foreign() && i < sizeof allocators / sizeof *allocators; i++)
		if (is_there(&allocators[i]))
			return;
	present = &other;
}

/* ---- asking ---- */

static atomic_uint answered;
static atomic_bool busy;
static int64_t not_before; /* monotonic ns: where an answer takes long, it is not given often */

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void answer(struct heap_process *process)
{
	struct figures figures;
	uint64_t used, kept;
	if (!present)
		find();
	atomic_store(&process->allocator, present->is);
	bool told = present->ask(function, &figures);
	if (told) {
		atomic_store(&process->malloc_used, figures.used);
		atomic_store(&process->malloc_kept, figures.kept);
	}
	bool python = python_arenas_figures(&used, &kept);
	if (python) {
		atomic_store(&process->python_used, used);
		atomic_store(&process->python_kept, kept);
	}
	atomic_store(&process->version, (unsigned)python_version());
	if (told || python)
		atomic_store_explicit(&process->asked, now(), memory_order_release);
}

/* A handler may have interrupted an allocator, which must not be entered once more. */
void figures_answer(void)
{
	enum { REST = 50 };
	struct heap_process *process = shared_process;
	unsigned wanted =
		process ? atomic_load_explicit(&process->wanted, memory_order_relaxed) : 0;
	if (!process || wanted == atomic_load_explicit(&answered, memory_order_relaxed))
		return;
	int64_t before = now();
	if (before < not_before || native_in_signal() || atomic_exchange(&busy, true))
		return;
	answer(process);
	int64_t after = now();
	not_before = after + (after - before) * REST;
	atomic_store(&answered, wanted);
	atomic_store(&busy, false);
}

void figures_forked(void)
{
	answered = 0;
	not_before = 0;
	busy = false;
}
