#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

/* Libraries whose pools nobody can watch: what ends the program is looked at, before it is printed.
 * Their figures are read from objects that are written in C: not a line of Python is run. */

/* ---- what its text says ---- */

/* "256.00GiB", "1073741824 bytes": in bytes; CARD_UNKNOWN. */
static int64_t size_of(const char *text)
{
	static const char units[] = "KMGTP";
	char *end;
	double amount = strtod(text, &end);
	if (end == text || !(amount >= 0) || amount > 1e15)
		return CARD_UNKNOWN;
	end += *end == ' ';
	const char *unit = *end && strncmp(end + 1, "iB", 2) == 0 ? strchr(units, *end) : NULL;
	for (; unit && unit >= units; unit--)
		amount *= 1024;
	return amount < 1e18 ? (int64_t)amount : CARD_UNKNOWN;
}

static int64_t after(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	return at ? size_of(at + strlen(words)) : CARD_UNKNOWN;
}

/* Its only argument, malloc'ed; NULL. */
static char *text_of_exception(PyObject *value)
{
	PyObject *all = PyObject_GetAttrString(value, "args");
	PyObject *first = all ? PyTuple_GetItem(all, 0) : NULL;
	char *text = first ? text_of(first) : NULL;
	if (all)
		Py_DecRef(all);
	PyErr_Clear();
	return text;
}

/* ---- JAX ---- */

/* The device of that number of a backend that is no CPU; a reference. */
static PyObject *jax_device(int ordinal)
{
	PyObject *backends = object_of_module("jax._src.xla_bridge", "_backends"), *name, *client;
	PyObject *found = NULL;
	ssize_t at = 0;
	while (backends && !found && PyDict_Next(backends, &at, &name, &client)) {
		char *platform = text_of(name);
		bool is_host = !platform || strcmp(platform, "cpu") == 0;
		free(platform);
		PyObject *all = is_host ? NULL : PyObject_CallMethod(client, "local_devices", NULL);
		found = all ? PyList_GetItem(all, ordinal) : NULL;
		if (found)
			Py_IncRef(found);
		if (all)
			Py_DecRef(all);
	}
	PyErr_Clear();
	return found;
}

static int64_t number(PyObject *stats, const char *name)
{
	PyObject *value = stats ? PyDict_GetItemString(stats, name) : NULL;
	if (value)
		Py_IncRef(value);
	int64_t found = object_taken(value, CARD_UNKNOWN);
	PyErr_Clear();
	return found;
}

struct sums {
	int64_t allocated, reserved, limit; /* bytes; CARD_UNKNOWN */
};

static bool read_jax(struct card_failure *f, PyObject *value, struct sums *sums)
{
	char *text = text_of_exception(value);
	bool is = text && strncmp(text, "RESOURCE_EXHAUSTED", 18) == 0 && strstr(text, "emory");
	if (is) {
		int64_t device = after(text, "on device ");
		f->wanted = after(text, "allocate ");
		if (f->wanted < 0)
			f->wanted = after(text, "allocating ");
		f->ordinal = device >= 0 && device < 1024 ? (int)device : 0;
	}
	free(text);
	PyObject *device = is ? jax_device(f->ordinal) : NULL;
	PyObject *stats = device ? PyObject_CallMethod(device, "memory_stats", NULL) : NULL;
	PyErr_Clear();
	*sums = (struct sums){ number(stats, "bytes_in_use"), number(stats, "pool_bytes"),
			       number(stats, "bytes_limit") };
	if (stats)
		Py_DecRef(stats);
	if (device)
		Py_DecRef(device);
	return is;
}

/* ---- CuPy ---- */

static int64_t asked(PyObject *object, const char *method)
{
	int64_t found = CARD_UNKNOWN;
	if (object)
		found = object_taken(PyObject_CallMethod(object, method, NULL), CARD_UNKNOWN);
	PyErr_Clear();
	return found;
}

static bool read_cupy(struct card_failure *f, PyObject *value, struct sums *sums)
{
	PyObject *pool = object_of_module("cupy", "_default_memory_pool");
	PyObject *get = object_of_module("cupy_backends.cuda.api.runtime", "getDevice");
	PyObject *size = PyObject_GetAttrString(value, "_size");
	PyErr_Clear();
	f->wanted = object_taken(size, CARD_UNKNOWN);
	PyErr_Clear();
	int64_t device = get ? object_taken(PyObject_CallObject(get, NULL), 0) : 0;
	PyErr_Clear();
	f->ordinal = device >= 0 && device < 1024 ? (int)device : 0;
	*sums = (struct sums){ asked(pool, "used_bytes"), asked(pool, "total_bytes"),
			       asked(pool, "get_limit") };
	return true;
}

/* ---- what ends it ---- */

static const struct library {
	const char *name;
	const char *module, *type; /* of the exception; the module's beginning */
	bool (*read)(struct card_failure *, PyObject *value, struct sums *);
} libraries[] = {
	{ "jax", "jax", "JaxRuntimeError", read_jax },
	{ "jax", "jax", "XlaRuntimeError", read_jax },
	{ "cupy", "cupy", "OutOfMemoryError", read_cupy },
};

static const struct library *library_of(PyObject *type)
{
	const struct library *found = NULL;
	char *module = object_text(type, "__module__"), *name = object_text(type, "__name__");
	for (size_t i = 0; module && name && i < sizeof libraries / sizeof *libraries; i++)
		if (strncmp(module, libraries[i].module, strlen(libraries[i].module)) == 0 &&
		    strcmp(name, libraries[i].type) == 0)
			found = &libraries[i];
	free(module);
	free(name);
	return found;
}

/* What they are of is not told: all of it may be weights. */
static void owe_sums(struct card_text *text, const struct card_failure *f, const struct sums *sums)
{
	int64_t total = f->device.total;
	card_owe(text, f, "total", total, "-");
	card_owe(text, f, "free", f->device.free, "-");
	if (sums->limit > 0 && sums->limit < total)
		card_owe(text, f, "allowed", sums->limit, "-");
	if (sums->allocated < 0 || sums->reserved < sums->allocated)
		return;
	card_owe(text, f, "allocated", sums->allocated, "-");
	card_owe(text, f, "reserved", sums->reserved, "-");
	if (total < 0 || f->device.free < 0)
		return;
	card_owe(text, f, "activations", sums->allocated, "at most");
	card_owe(text, f, "unused", sums->reserved - sums->allocated, "-");
	card_owe_rest(text, f, total, sums->reserved);
}

static PyObject *ending; /* the arguments, while they are told of */

static void tell(struct card_failure *f)
{
	PyObject *type = PyTuple_GetItem(ending, 1), *value = PyTuple_GetItem(ending, 2);
	const struct library *library = library_of(type);
	struct card_text text = { 0 };
	struct sums sums;
	char who[64], version[48];
	if (!library || !library->read(f, value, &sums))
		return;
	card_find_device(&f->device, f->ordinal);
	card_has_failed(f->device.name);
	f->free = f->device.free;
	snprintf(who, sizeof who, "%s %s", library->name,
		 card_version(version, sizeof version, library->name));
	card_put_failure(&text, f, who);
	card_put_traceback(&text, PyTuple_GetItem(ending, 3));
	card_pass_on(&text);
	owe_sums(&text, f, &sums);
	card_pass_on(&text);
}

/* ---- what it came of ---- */

static char failed[16]; /* the device that failed last; "": none did */

void card_has_failed(const char *device)
{
	snprintf(failed, sizeof failed, "%s", device);
}

/* "torch.OutOfMemoryError", "ValueError": appends it. Whether it is a card's. */
static bool add_type(char *out, size_t size, PyObject *value)
{
	PyObject *type = PyObject_Type(value);
	char *module = object_text(type, "__module__"), *name = object_text(type, "__name__");
	const bool plain =
		!module || strcmp(module, "builtins") == 0 || strcmp(module, "__main__") == 0;
	const bool is_card = library_of(type) || (name && strstr(name, "OutOfMemoryError"));
	const size_t used = strlen(out);
	snprintf(out + used, size - used, "%s%s%s%s", used ? " from " : "", plain ? "" : module,
		 plain ? "" : ".", name ? name : "?");
	free(module);
	free(name);
	if (type)
		Py_DecRef(type);
	return is_card;
}

/* What it was raised from, or while what was dealt with; a reference, or NULL. */
static PyObject *origin_of(PyObject *value)
{
	PyObject *from = PyException_GetCause(value);
	return from ? from : PyException_GetContext(value);
}

static void tell_origin(struct card_failure *f)
{
	enum { DEEPEST = 8 };
	struct card_text text = { 0 };
	char types[256] = "", field[256];
	bool is_card = false;
	PyObject *value = PyTuple_GetItem(ending, 2), *none = &_Py_NoneStruct;
	snprintf(f->device.name, sizeof f->device.name, "%s", failed);
	Py_IncRef(value);
	for (int i = 0; value && value != none && i < DEEPEST; i++) {
		is_card |= add_type(types, sizeof types, value);
		PyObject *next = origin_of(value);
		Py_DecRef(value);
		value = next;
	}
	if (value)
		Py_DecRef(value);
	PyErr_Clear();
	card_owe(&text, f, is_card ? "ended" : "outlived", CARD_UNKNOWN,
		 card_field(field, sizeof field, types));
	card_pass_on(&text);
}

/* Whoever likes may audit whatever he likes by that name. */
static bool is_exception(PyObject *value)
{
	PyObject *type = value ? PyObject_Type(value) : NULL;
	bool is = type && PyType_IsSubtype(type, PyExc_BaseException);
	if (type)
		Py_DecRef(type);
	return is;
}

void card_ending(PyObject *arguments)
{
	struct card_failure failure = { 0 };
	if (PyTuple_Size(arguments) != 4 || ending)
		return;
	ending = arguments;
	if (library_of(PyTuple_GetItem(arguments, 1)))
		card_undisturbed(tell, &failure);
	if (*failed && is_exception(PyTuple_GetItem(arguments, 2)))
		card_undisturbed(tell_origin, &failure);
	ending = NULL;
	PyErr_Clear();
}
