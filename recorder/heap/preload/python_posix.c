#include "recorder/heap/preload/python_posix.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/python_api.h"

struct builtin { /* struct _inittab */
	const char *name;
	void *(*init)(void);
};

struct slot { /* PyModuleDef_Slot */
	int slot;
	void *value;
};

struct definition { /* PyModuleDef, behind its PyModuleDef_Base */
	const char *name, *documentation;
	intptr_t size;
	void *methods;
	struct slot *slots;
};

enum { MOST_SLOTS = 16, EXECUTE = 2 /* Py_mod_exec */ };

static int (*around)(int (*execute)(void *), void *module);
static int (*execute)(void *module);
static void *(*init)(void);

static int execute_around(void *module)
{
	return around(execute, module);
}

/* ---- its definition ---- */

/* Include/object.h, moduleobject.h: a head of 16 bytes, of 32 without the GIL, and three words. */
static struct definition *find_definition(void *from)
{
	bool long_head = strstr(python_api.version(), "free-threading") != NULL;
	return (void *)((char *)from + (long_head ? 32 : 16) + 3 * sizeof(void *));
}

/* Is all that it points to in the file that it is in itself? */
static bool is_expected(const struct definition *definition)
{
	struct object object;
	object_find(&object, definition);
	return object_holds(&object, definition) && object_holds(&object, definition->name) &&
	       strcmp(definition->name, "posix") == 0 && object_holds(&object, definition->slots);
}

/* Those that the definition has may stand where nothing can be written. */
static void replace(struct definition *definition)
{
	static struct slot slots[MOST_SLOTS];
	for (size_t i = 0; i < MOST_SLOTS - 1; i++) {
		slots[i] = definition->slots[i];
		if (slots[i].slot == EXECUTE && !execute) {
			memcpy(&execute, &slots[i].value, sizeof execute);
			slots[i].value = (void *)(uintptr_t)execute_around;
		}
		if (slots[i].slot == 0 && execute) {
			definition->slots = slots;
			return;
		}
	}
}

static void *init_around(void)
{
	static bool done;
	void *made = init();
	if (made && !done) {
		struct definition *definition = find_definition(made);
		done = true;
		if (!execute && is_expected(definition))
			replace(definition);
	}
	return made;
}

/* ---- the modules that are built in ---- */

void python_posix_begin(int (*with)(int (*execute)(void *), void *module))
{
	enum { MOST = 256 };
	static struct builtin table[MOST];
	struct builtin **all = dlsym(RTLD_DEFAULT, "PyImport_Inittab");
	size_t n = 0;
	if (!all || !*all || !python_api.version)
		return;
	for (; (*all)[n].name && n < MOST - 1; n++) {
		table[n] = (*all)[n];
		if (strcmp(table[n].name, "posix") == 0) {
			init = table[n].init;
			table[n].init = init_around;
		}
	}
	around = with;
	if (init && n < MOST - 1)
		*all = table;
}
