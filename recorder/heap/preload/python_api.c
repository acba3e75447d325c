#include "recorder/heap/preload/python_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct python_api python_api;

static struct offsets offsets;
static atomic_int known; /* 1: the offsets hold; -1: they are not known */
static bool free_threaded;
static int version;

/* ---- its symbols ---- */

static void *symbol(void *library, const char *name, const char *otherwise)
{
	void *found = dlsym(library, name);
	return found || !otherwise ? found : dlsym(library, otherwise);
}

/* One whose symbols only those see that have loaded it. */
static void *library_of(const void *within)
{
	Dl_info info;
	if (!within || dladdr(within, &info) == 0 || !info.dli_fname)
		return NULL;
	return dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
}

static bool take(void *library)
{
	const char current[] = "_PyThreadState_UncheckedGet", set[] = "PyMem_SetAllocator";
	struct python_api found = { 0 };
	*(void **)&found.set_allocator = dlsym(library, set);
	if (!found.set_allocator)
		return false;
	*(void **)&found.get_allocator = dlsym(library, "PyMem_GetAllocator");
	*(void **)&found.get_arena_allocator = dlsym(library, "PyObject_GetArenaAllocator");
	*(void **)&found.set_arena_allocator = dlsym(library, "PyObject_SetArenaAllocator");
	*(void **)&found.version = dlsym(library, "Py_GetVersion");
	*(void **)&found.current_thread = symbol(library, "PyThreadState_GetUnchecked", current);
	*(void **)&found.own_thread = dlsym(library, "PyGILState_GetThisThreadState");
	*(void **)&found.finalizing = symbol(library, "Py_IsFinalizing", "_Py_IsFinalizing");
	found.code_type = dlsym(library, "PyCode_Type");
	found.runtime = dlsym(library, "_PyRuntime");
	if (!found.get_allocator || !found.get_arena_allocator || !found.set_arena_allocator ||
	    !found.version)
		return false;
	python_api = found;
	return true;
}

bool python_find(const void *within)
{
	if (python_api.version || take(RTLD_DEFAULT))
		return true;
	void *library = library_of(within);
	return library && take(library); /* which stays, so that it may never be unloaded */
}

/* ---- how it is laid out ---- */

static int number_of(const char *text)
{
	char *end;
	long major = strtol(text, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : -1;
	return major == 3 && minor > 0 && minor < 256 ? (int)(0x0300 | minor) : 0;
}

/* One that was built to trace references has a longer head of its objects, so that its types' names
 * are elsewhere. */
static bool is_as_told(const struct offsets *o)
{
	const char *name;
	memcpy(&name, python_api.code_type + o->type_name, sizeof name);
	return name && strcmp(name, "code") == 0;
}

static int look(void)
{
	if (!python_api.version || !python_api.code_type || !python_api.runtime ||
	    !python_api.own_thread || !python_api.current_thread)
		return -1;
	version = number_of(python_api.version());
	int e = version >= 0x030d ? offsets_take(&offsets, python_api.runtime, &free_threaded) : 0;
	const struct offsets *table = version < 0x030d ? offsets_of(version) : NULL;
	if (table)
		offsets = *table;
	return e == 0 && offsets.version == version && is_as_told(&offsets) ? 1 : -1;
}

const struct offsets *python_offsets(void)
{
	if (!python_api.version)
		return NULL;
	if (atomic_load_explicit(&known, memory_order_acquire) == 0)
		atomic_store_explicit(&known, look(), memory_order_release);
	return atomic_load_explicit(&known, memory_order_relaxed) > 0 ? &offsets : NULL;
}

bool python_free_threaded(void)
{
	python_offsets();
	return free_threaded;
}

int python_version(void)
{
	python_offsets();
	return version;
}

/* One that has a Python inside may go on without it. */
static bool is_interpreter(void)
{
	static int answer = -1;
	char path[4096] = "";
	if (answer < 0) {
		int before = errno;
		ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
		const char *name = n > 0 ? strrchr(path, '/') : NULL;
		answer = name && strncmp(name + 1, "python", 6) == 0;
		errno = before;
	}
	return answer > 0;
}

bool python_clears_away(void)
{
	return python_api.finalizing && python_api.finalizing() && is_interpreter();
}
