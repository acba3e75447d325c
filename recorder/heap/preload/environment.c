#include "recorder/heap/preload/environment.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/python_posix.h"
#include "recorder/heap/segment.h"
#include "recorder/python/given_calls.h"

/* What is hidden, and how children get it: as the agent does it (python/agent/environment.c). A
 * program without a Python has the C environment only, which its children inherit. */
static struct given own;

extern char **environ;

static bool find_own(void)
{
	Dl_info info;
	const char *setting = getenv(HEAP_VARIABLE);
	if (own.setting)
		return true;
	if (!setting || dladdr((void *)(uintptr_t)environment_begin, &info) == 0)
		return false;
	/* Both stay where they are: what stands in the environment at the start is never freed. */
	own = (struct given){ info.dli_fname, setting - sizeof HEAP_VARIABLE };
	return true;
}

/* ---- what Python has copied ---- */

/* Its interface, as far as it is needed here; the first is NULL where some of it is not there. */
static struct {
	void *(*attribute)(void *object, const char *name);
	void *(*bytes)(const char *text);
	char *(*text)(void *bytes);
	void *(*item)(void *dict, void *key); /* borrowed */
	int (*set_item)(void *dict, void *key, void *value);
	int (*remove_item)(void *dict, void *key);
	void (*clear)(void);
	void (*release)(void *object); /* NULL is nothing */
} python;

static void look_up_python(void)
{
	*(void **)&python.bytes = dlsym(RTLD_DEFAULT, "PyBytes_FromString");
	*(void **)&python.text = dlsym(RTLD_DEFAULT, "PyBytes_AsString");
	*(void **)&python.item = dlsym(RTLD_DEFAULT, "PyDict_GetItem");
	*(void **)&python.set_item = dlsym(RTLD_DEFAULT, "PyDict_SetItem");
	*(void **)&python.remove_item = dlsym(RTLD_DEFAULT, "PyDict_DelItem");
	*(void **)&python.clear = dlsym(RTLD_DEFAULT, "PyErr_Clear");
	*(void **)&python.release = dlsym(RTLD_DEFAULT, "Py_DecRef");
	if (python.bytes && python.text && python.item && python.set_item && python.remove_item &&
	    python.clear && python.release)
		*(void **)&python.attribute = dlsym(RTLD_DEFAULT, "PyObject_GetAttrString");
}

/* The program's own libraries stay, in their place. */
static void shorten(void *dict, void *key, const char *libraries)
{
	size_t room = strlen(libraries) + 1;
	char *left = object_memory(room);
	if (!left)
		return;
	given_without(libraries, own.library, left);
	void *value = *left ? python.bytes(left) : NULL;
	if (value)
		python.set_item(dict, key, value);
	else
		python.remove_item(dict, key);
	python.release(value);
	object_munmap(left, room);
}

static void take_out(void *dict)
{
	void *setting = python.bytes(HEAP_VARIABLE), *list = python.bytes(GIVEN_LIST);
	void *libraries = list ? python.item(dict, list) : NULL;
	const char *text = libraries ? python.text(libraries) : NULL;
	if (setting && python.item(dict, setting))
		python.remove_item(dict, setting);
	if (text)
		shorten(dict, list, text);
	python.release(setting);
	python.release(list);
}

/* The environment itself stays as it is: other threads may read it at any time. */
static int without_it(int (*copies)(void *), void *module)
{
	int result = copies(module);
	void *dict = result == 0 ? python.attribute(module, "environ") : NULL;
	if (dict)
		take_out(dict);
	if (result == 0)
		python.clear();
	python.release(dict);
	given_hidden = &own;
	return result;
}

void environment_begin(void)
{
	look_up_python();
	if (environ && python.attribute && find_own())
		python_posix_begin(without_it);
}
