#include <stdlib.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

/* All of it is done in C, without a line of Python: so no signal of the program is handled
 * meanwhile, no other thread runs, and whoever traces sees nothing. Types are asked for by what
 * they descend from, never with isinstance, which asks __class__: objects that stand in for others
 * answer that. */

enum { DEEPEST = 5, LOOK_EVERY = 1024 };

/* What is looked for; borrowed. */
static struct {
	PyObject *module, *optimizer, *tensor; /* types; NULL: not imported */
	const char *storage;                   /* the tensor's method that gives it; NULL: none */
} kinds;

/* From 2.0 on untyped_storage; before that, from 1.11, a name of torch's own for the same. What was
 * earlier runs Python. */
static const char *storage_name(PyObject *tensor)
{
	static const char *const names[] = { "untyped_storage", "_storage" };
	for (size_t i = 0; tensor && i < sizeof names / sizeof *names; i++) {
		PyObject *method = PyObject_GetAttrString(tensor, names[i]);
		PyErr_Clear();
		if (!method)
			continue;
		Py_DecRef(method);
		return names[i];
	}
	return NULL;
}

static bool descends(PyObject *object, PyObject *from)
{
	PyObject *type = from ? PyObject_Type(object) : NULL;
	bool is = type && PyType_IsSubtype(type, from);
	if (type)
		Py_DecRef(type);
	return is;
}

static bool is_over(struct card_bill *bill)
{
	static unsigned looks;
	if (++looks % LOOK_EVERY == 0 && clock_now() > bill->until)
		bill->cut = true;
	return bill->cut;
}

/* ---- a tensor ---- */

static bool is_on_device(const struct card_bill *bill, PyObject *tensor)
{
	PyObject *is = PyObject_GetAttrString(tensor, "is_cuda");
	bool on = is && PyObject_IsTrue(is) == 1;
	if (is)
		Py_DecRef(is);
	PyErr_Clear();
	return on &&
	       object_taken(PyObject_CallMethod(tensor, "get_device", NULL), -1) == bill->ordinal;
}

/* Each storage is counted once, for who comes first, and only so much as is torch's own. */
static bool add_storage(struct card_bill *bill, enum card_kind kind, PyObject *tensor)
{
	PyObject *storage = PyObject_CallMethod(tensor, kinds.storage, NULL);
	long long at = 0, size = 0;
	if (storage) {
		at = object_taken(PyObject_CallMethod(storage, "data_ptr", NULL), 0);
		size = object_taken(PyObject_CallMethod(storage, "nbytes", NULL), 0);
		Py_DecRef(storage);
	}
	PyErr_Clear();
	int64_t bytes;
	bool is_of_pool = card_pool_claim(bill->pool, (uint64_t)at, size, &bytes);
	bill->bytes[kind] += bytes;
	return is_of_pool;
}

static void add_tensor(struct card_bill *bill, enum card_kind kind, PyObject *tensor)
{
	if (!is_on_device(bill, tensor) || add_storage(bill, kind, tensor))
		return;
	/* One that is spread over devices: what stands here. */
	PyObject *local = PyObject_GetAttrString(tensor, "_local_tensor");
	if (local && descends(local, kinds.tensor))
		add_storage(bill, kind, local);
	if (local)
		Py_DecRef(local);
	PyErr_Clear();
}

/* Of leaves only: asking another for it warns. */
static void add_gradient(struct card_bill *bill, PyObject *tensor)
{
	PyObject *leaf = PyObject_GetAttrString(tensor, "is_leaf");
	bool is_leaf = leaf && PyObject_IsTrue(leaf) == 1;
	PyObject *gradient = is_leaf ? PyObject_GetAttrString(tensor, "grad") : NULL;
	if (gradient && descends(gradient, kinds.tensor))
		add_tensor(bill, CARD_GRADIENTS, gradient);
	if (gradient)
		Py_DecRef(gradient);
	if (leaf)
		Py_DecRef(leaf);
	PyErr_Clear();
}

/* ---- what holds tensors ---- */

static void add_of(struct card_bill *bill, enum card_kind kind, PyObject *tensor)
{
	if (kind == CARD_GRADIENTS)
		add_gradient(bill, tensor);
	else
		add_tensor(bill, kind, tensor);
}

static void add_all(struct card_bill *bill, enum card_kind kind, PyObject *value, int depth);

static void add_values(struct card_bill *bill, enum card_kind kind, PyObject *dict, int depth)
{
	PyObject *key, *value;
	ssize_t at = 0;
	while (!is_over(bill) && PyDict_Next(dict, &at, &key, &value))
		add_all(bill, kind, value, depth);
}

static void add_all(struct card_bill *bill, enum card_kind kind, PyObject *value, int depth)
{
	if (depth > DEEPEST)
		return;
	Py_IncRef(value);
	if (descends(value, kinds.tensor))
		add_of(bill, kind, value);
	else if (descends(value, &PyDict_Type))
		add_values(bill, kind, value, depth + 1);
	else if (descends(value, &PyList_Type))
		for (ssize_t i = 0; i < PyList_Size(value) && !is_over(bill); i++)
			add_all(bill, kind, PyList_GetItem(value, i), depth + 1);
	else if (descends(value, &PyTuple_Type))
		for (ssize_t i = 0; i < PyTuple_Size(value) && !is_over(bill); i++)
			add_all(bill, kind, PyTuple_GetItem(value, i), depth + 1);
	Py_DecRef(value);
}

/* Its own attribute, whatever its class would answer. NULL: none; else to be given back. */
static PyObject *attribute(PyObject *object, const char *name)
{
	PyObject *text = PyUnicode_FromString(name);
	PyObject *value = text ? PyObject_GenericGetAttr(object, text) : NULL;
	if (text)
		Py_DecRef(text);
	PyErr_Clear();
	return value;
}

/* A module of TorchScript keeps them in C++, and tells of them in pairs: what `value` stands for.
 * A reference; NULL: it is no such thing. */
static PyObject *script_pairs(PyObject *value)
{
	PyObject *own = attribute(value, "_c"), *pairs = NULL;
	if (own && (descends(own, object_of_module("torch._C", "ParameterDict")) ||
		    descends(own, object_of_module("torch._C", "BufferDict"))))
		pairs = PyObject_CallMethod(own, "items", NULL);
	if (own)
		Py_DecRef(own);
	PyErr_Clear();
	return pairs;
}

/* What an attribute holds; of CARD_GRADIENTS, the gradients of that. */
static void add_attribute(struct card_bill *bill, enum card_kind kind, PyObject *object,
			  const char *name)
{
	PyObject *value = attribute(object, name);
	bool plain = value && (descends(value, &PyDict_Type) || value == &_Py_NoneStruct);
	PyObject *pairs = value && !plain ? script_pairs(value) : NULL;
	if (value)
		add_all(bill, kind, pairs ? pairs : value, 0);
	if (pairs)
		Py_DecRef(pairs);
	if (value)
		Py_DecRef(value);
}

/* ---- all of them ---- */

struct found {
	PyObject **items; /* borrowed: the list of all objects holds them */
	size_t n, room;
};

static void keep(struct found *found, PyObject *object)
{
	if (found->n == found->room) {
		size_t room = found->room ? 2 * found->room : 256;
		PyObject **more = realloc(found->items, room * sizeof(PyObject *));
		if (!more)
			return;
		found->items = more;
		found->room = room;
	}
	found->items[found->n++] = object;
}

static void sort_out(struct card_bill *bill, PyObject *objects, struct found *modules,
		     struct found *optimizers)
{
	ssize_t n = PyList_Size(objects);
	for (ssize_t i = 0; i < n && !is_over(bill); i++) {
		PyObject *object = PyList_GetItem(objects, i);
		if (descends(object, kinds.module))
			keep(modules, object);
		else if (descends(object, kinds.optimizer))
			keep(optimizers, object);
	}
}

/* What an optimizer works on and no module has: copies in another type where there are modules,
 * else the weights themselves. */
static void add_groups(struct card_bill *bill, PyObject *optimizer)
{
	enum card_kind kind = bill->bytes[CARD_WEIGHTS] > 0 ? CARD_STATE : CARD_WEIGHTS;
	PyObject *groups = attribute(optimizer, "param_groups");
	for (ssize_t i = 0; groups && descends(groups, &PyList_Type) && i < PyList_Size(groups);
	     i++) {
		PyObject *group = PyList_GetItem(groups, i), *list = NULL;
		if (descends(group, &PyDict_Type))
			list = PyDict_GetItemString(group, "params");
		if (!list || !descends(list, &PyList_Type))
			continue;
		add_all(bill, kind, list, 0);
		add_all(bill, CARD_GRADIENTS, list, 0);
	}
	if (groups)
		Py_DecRef(groups);
}

static void add_objects(struct card_bill *bill, PyObject *objects)
{
	struct found modules = { 0 }, optimizers = { 0 };
	sort_out(bill, objects, &modules, &optimizers);
	for (size_t i = 0; i < modules.n; i++)
		add_attribute(bill, CARD_WEIGHTS, modules.items[i], "_parameters");
	for (size_t i = 0; i < modules.n; i++)
		add_attribute(bill, CARD_GRADIENTS, modules.items[i], "_parameters");
	for (size_t i = 0; i < optimizers.n; i++)
		add_groups(bill, optimizers.items[i]);
	for (size_t i = 0; i < optimizers.n; i++)
		add_attribute(bill, CARD_STATE, optimizers.items[i], "state");
	for (size_t i = 0; i < modules.n; i++)
		add_attribute(bill, CARD_BUFFERS, modules.items[i], "_buffers");
	free(modules.items);
	free(optimizers.items);
}

/* Subclasses of tensors may answer in Python for what is asked of them; not meanwhile. */
static PyObject *enter_plain(void)
{
	PyObject *type = object_of_module("torch._C", "DisableTorchFunctionSubclass");
	PyObject *plain = type ? PyObject_CallObject(type, NULL) : NULL;
	PyObject *entered = plain ? PyObject_CallMethod(plain, "__enter__", NULL) : NULL;
	if (entered)
		Py_DecRef(entered);
	PyErr_Clear();
	return plain;
}

static void leave_plain(PyObject *plain)
{
	PyObject *none = &_Py_NoneStruct;
	PyObject *left =
		plain ? PyObject_CallMethod(plain, "__exit__", "OOO", none, none, none) : NULL;
	if (left)
		Py_DecRef(left);
	if (plain)
		Py_DecRef(plain);
	PyErr_Clear();
}

bool card_bill_make(struct card_bill *bill)
{
	kinds.module = object_of_module("torch.nn.modules.module", "Module");
	kinds.optimizer = object_of_module("torch.optim.optimizer", "Optimizer");
	kinds.tensor = object_of_module("torch", "Tensor");
	kinds.storage = storage_name(kinds.tensor);
	if (!kinds.storage)
		return false;
	PyObject *list = object_of_module("gc", "get_objects");
	PyObject *gc = list ? NULL : PyImport_ImportModule("gc");
	if (gc) {
		list = object_of_module("gc", "get_objects");
		Py_DecRef(gc);
	}
	PyObject *objects = list ? PyObject_CallObject(list, NULL) : NULL;
	PyErr_Clear();
	PyObject *plain = enter_plain();
	if (objects) {
		add_objects(bill, objects);
		Py_DecRef(objects);
	} else {
		bill->cut = true;
	}
	leave_plain(plain);
	return true;
}
