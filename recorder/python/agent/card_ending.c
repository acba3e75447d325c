#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/card_said.h"
#include "recorder/python/agent/objects.h"

/* Libraries whose pools nobody can watch: what ends the program is looked at, before it is printed.
 * Their figures are read from objects that are written in C: not a line of Python is run. */

/* ---- what its text says ---- */

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

/* Without a device that is no CPU it is the host's memory. */
static bool is_jax(PyObject *value, struct card_said *said)
{
	char *text = text_of_exception(value);
	bool is = text && card_said_xla(text, said);
	free(text);
	PyObject *device = is ? jax_device(said->ordinal > 0 ? said->ordinal : 0) : NULL;
	if (device)
		Py_DecRef(device);
	return device;
}

static void read_jax(const struct card_failure *f, struct sums *sums)
{
	PyObject *device = jax_device(f->ordinal);
	PyObject *stats = device ? PyObject_CallMethod(device, "memory_stats", NULL) : NULL;
	PyErr_Clear();
	*sums = (struct sums){ number(stats, "bytes_in_use"), number(stats, "pool_bytes"),
			       number(stats, "bytes_limit") };
	if (stats)
		Py_DecRef(stats);
	if (device)
		Py_DecRef(device);
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

static bool is_cupy(PyObject *value, struct card_said *said)
{
	PyObject *get = object_of_module("cupy_backends.cuda.api.runtime", "getDevice");
	PyObject *size = PyObject_GetAttrString(value, "_size");
	PyErr_Clear();
	said->wanted = object_taken(size, CARD_UNKNOWN);
	int64_t device = get ? object_taken(PyObject_CallObject(get, NULL), 0) : 0;
	PyErr_Clear();
	said->ordinal = device >= 0 && device < 1024 ? (int)device : 0;
	return true;
}

static void read_cupy(const struct card_failure *f, struct sums *sums)
{
	PyObject *pool = object_of_module("cupy", "_default_memory_pool");
	(void)f;
	*sums = (struct sums){ asked(pool, "used_bytes"), asked(pool, "total_bytes"),
			       asked(pool, "get_limit") };
}

/* ---- TensorFlow ---- */

/* Its texts are no arguments of the exception in all versions. */
static bool is_tensorflow(PyObject *value, struct card_said *said)
{
	PyObject *name = PyUnicode_FromString("_message");
	PyObject *message = name ? PyObject_GenericGetAttr(value, name) : NULL;
	char *text = message ? text_of(message) : NULL;
	bool is = text && card_said_tensorflow(text, said);
	free(text);
	if (message)
		Py_DecRef(message);
	if (name)
		Py_DecRef(name);
	PyErr_Clear();
	return is;
}

/* How much its pool has taken of the card is not told. */
static void read_tensorflow(const struct card_failure *f, struct sums *sums)
{
	char name[32];
	PyObject *context = object_of_module("tensorflow.python.eager.context", "_context");
	PyObject *ask = object_of_module("tensorflow.python._pywrap_tfe", "TFE_GetMemoryInfo");
	PyObject *handle = context ? PyObject_GetAttrString(context, "_context_handle") : NULL;
	snprintf(name, sizeof name, "GPU:%d", f->ordinal);
	PyErr_Clear();
	PyObject *stats = ask && handle && handle != &_Py_NoneStruct
				  ? PyObject_CallFunction(ask, "Os", handle, name)
				  : NULL;
	PyErr_Clear();
	*sums = (struct sums){ number(stats, "current"), CARD_UNKNOWN, CARD_UNKNOWN };
	if (stats)
		Py_DecRef(stats);
	if (handle)
		Py_DecRef(handle);
}

/* ---- torch, where it cannot be watched, or where it was not its own pool that failed ---- */

static bool is_torch(PyObject *value, struct card_said *said)
{
	char *text = PyDict_GetItemString(PyImport_GetModuleDict(), "torch")
			     ? text_of_exception(value)
			     : NULL;
	bool is = text && card_said_torch(text, said);
	free(text);
	return is;
}

/* The observer has told of it. */
static bool is_told(PyObject *value)
{
	struct card_said said;
	return is_torch(value, &said) && said.wanted >= 0 &&
	       atomic_load(&agent_shared->notes) & AGENT_SAW_TORCH;
}

/* ---- what ends it ---- */

static const struct library {
	const char *name;
	const char *module, *type; /* of the exception; the module's beginning */
	bool (*is)(PyObject *value, struct card_said *said);
	void (*read)(const struct card_failure *, struct sums *); /* NULL: torch's own figures */
} libraries[] = {
	{ "jax", "jax", "JaxRuntimeError", is_jax, read_jax },
	{ "jax", "jax", "XlaRuntimeError", is_jax, read_jax },
	{ "cupy", "cupy", "OutOfMemoryError", is_cupy, read_cupy },
	{ "tensorflow", "tensorflow", "ResourceExhaustedError", is_tensorflow, read_tensorflow },
	{ "torch", "torch", "OutOfMemoryError", is_torch, NULL },
	{ "torch", "torch", "AcceleratorError", is_torch, NULL },
	{ "torch", "torch", "DistBackendError", is_torch, NULL },
	{ "torch", "builtins", "RuntimeError", is_torch, NULL },
	{ "jax", "builtins", "RuntimeError", is_jax, read_jax },
};

/* Whose it is, that a card had no memory left; NULL: it is not that. */
static const struct library *library_of(PyObject *type, PyObject *value, struct card_said *said)
{
	const struct library *found = NULL;
	char *module = object_text(type, "__module__"), *name = object_text(type, "__name__");
	for (size_t i = 0; module && name && !found && i < sizeof libraries / sizeof *libraries;
	     i++) {
		const struct library *it = &libraries[i];
		if (strncmp(module, it->module, strlen(it->module)) == 0 &&
		    strcmp(name, it->type) == 0 && it->is(value, said))
			found = it;
	}
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
	if (sums->allocated >= 0)
		card_owe(text, f, "allocated", sums->allocated, "-");
	if (sums->allocated < 0 || sums->reserved < sums->allocated)
		return;
	card_owe(text, f, "reserved", sums->reserved, "-");
	if (total < 0 || f->device.free < 0)
		return;
	card_owe(text, f, "activations", sums->allocated, "at most");
	card_owe(text, f, "unused", sums->reserved - sums->allocated, "-");
	card_owe_rest(text, f, total, sums->reserved);
}

static PyObject *ending; /* the arguments, while they are told of */
enum { DEEPEST = 8 };    /* so many exceptions of one chain are looked at */

/* What it was raised from, or while what was dealt with; a reference, or NULL. */
static PyObject *origin_of(PyObject *value)
{
	PyObject *from = PyException_GetCause(value);
	return from ? from : PyException_GetContext(value);
}

/* What torch itself says of its card, where it does; else what the driver does. */
static void owe_torch(struct card_text *text, struct card_failure *f, const struct card_said *said)
{
	f->told = said->total >= 0 ? said->total : f->device.total;
	f->free = said->free >= 0 ? said->free : f->device.free;
	card_owe_torch(text, f, clock_now(), true);
}

/* A card's may have been raised on as another's; a reference, and `*library` whose it is; NULL. */
static PyObject *find_failed(const struct library **library, struct card_said *said)
{
	PyObject *value = PyTuple_GetItem(ending, 2), *none = &_Py_NoneStruct;
	Py_IncRef(value);
	for (int i = 0; value && value != none && i < DEEPEST; i++) {
		PyObject *type = PyObject_Type(value);
		*library = type ? library_of(type, value, said) : NULL;
		if (type)
			Py_DecRef(type);
		if (*library)
			return value;
		PyObject *next = origin_of(value);
		Py_DecRef(value);
		value = next;
	}
	if (value)
		Py_DecRef(value);
	return NULL;
}

static void put_traceback(struct card_text *text, PyObject *value)
{
	PyObject *traceback = PyException_GetTraceback(value);
	card_put_traceback(text, traceback ? traceback : PyTuple_GetItem(ending, 3));
	if (traceback)
		Py_DecRef(traceback);
}

static void tell_of(struct card_failure *f, const struct library *library, PyObject *value,
		    const struct card_said *said)
{
	struct card_text text = { 0 };
	char who[64], version[48];
	f->wanted = said->wanted;
	f->ordinal = said->ordinal >= 0 ? said->ordinal : 0;
	card_find_device(&f->device, f->ordinal);
	card_has_failed(f->device.name);
	f->free = f->device.free;
	snprintf(who, sizeof who, "%s %s", library->name,
		 card_version(version, sizeof version, library->name));
	card_put_failure(&text, f, who);
	put_traceback(&text, value);
	card_pass_on(&text);
	if (library->read) {
		struct sums sums;
		library->read(f, &sums);
		owe_sums(&text, f, &sums);
	} else {
		owe_torch(&text, f, said);
	}
	card_pass_on(&text);
}

static void tell(struct card_failure *f)
{
	struct card_said said = { .ordinal = CARD_UNSAID };
	const struct library *library = NULL;
	PyObject *value = find_failed(&library, &said);
	if (value && (library->read || !is_told(value)))
		tell_of(f, library, value, &said);
	if (value)
		Py_DecRef(value);
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
	struct card_said said;
	const bool is_card = library_of(type, value, &said);
	const size_t used = strlen(out);
	snprintf(out + used, size - used, "%s%s%s%s", used ? " from " : "", plain ? "" : module,
		 plain ? "" : ".", name ? name : "?");
	free(module);
	free(name);
	if (type)
		Py_DecRef(type);
	return is_card;
}

static void tell_origin(struct card_failure *f)
{
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

void card_raised(PyObject *arguments)
{
	struct card_failure failure = { 0 };
	if (ending || PyTuple_Size(arguments) != 4 || !is_exception(PyTuple_GetItem(arguments, 2)))
		return;
	ending = arguments;
	card_undisturbed(tell, &failure);
	ending = NULL;
	PyErr_Clear();
}

void card_ending(PyObject *arguments)
{
	struct card_failure failure = { 0 };
	card_raised(arguments);
	if (!*failed || ending || PyTuple_Size(arguments) != 4 ||
	    !is_exception(PyTuple_GetItem(arguments, 2)))
		return;
	ending = arguments;
	card_undisturbed(tell_origin, &failure);
	ending = NULL;
	PyErr_Clear();
}
