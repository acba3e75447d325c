#include "recorder/python/agent/card.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/objects.h"

/* torch calls its observers for every allocation that fails for good, whoever catches it, before
 * the exception is thrown; one that an observer raises would take its place. Source:
 * pytorch/pytorch c10/cuda/CUDACachingAllocator.cpp. */

enum { SHARE = 20 }; /* a bill takes at most one part in so many of time */

static bool settled; /* it is attached, or never will be */

/* ---- a failure ---- */

/* A program that tries again and again is told of each time, until there is no end to it; from then
 * on, of what is not the same once more, which may be what it dies of, and of one a second. */
static bool is_too_often(const struct card_failure *f, int64_t now)
{
	enum { MANY = 64, MOST = 1024 };
	static int64_t last, wanted;
	static unsigned times;
	bool same = f->wanted == wanted || times >= MOST;
	if (times >= MANY && same && now - last < 1000000000)
		return true;
	times++;
	last = now;
	wanted = f->wanted;
	return false;
}

static void tell(struct card_failure *f)
{
	static int64_t not_before;
	static struct card_text later;
	struct card_text text = { 0 };
	char who[64], version[48];
	int64_t began = clock_now();
	if (is_too_often(f, began))
		return;
	card_find_device(&f->device, f->ordinal);
	card_has_failed(f->device.name);
	snprintf(who, sizeof who, "torch %s", card_version(version, sizeof version, "torch"));
	card_put_failure(f->beside ? &later : &text, f, who);
	card_put_stack(f->beside ? &later : &text);
	if (f->beside)
		return;
	card_pass_on(&text);
	bool whole = began >= not_before;
	card_owe_torch(&text, f, began, whole);
	card_pass_on(&text);
	int64_t now = clock_now();
	if (whole)
		not_before = now + SHARE * (now - began);
	card_pass_on(&later);
}

static void on_figures(PyObject *const *arguments, bool beside)
{
	int64_t told[4];
	for (int i = 0; i < 4; i++)
		told[i] = PyLong_AsLongLong(arguments[i]);
	PyErr_Clear();
	struct card_failure failure = {
		.ordinal = (int)told[0],
		.wanted = told[1],
		.told = told[2],
		.free = told[3],
		.beside = beside,
	};
	card_undisturbed(tell, &failure);
	PyErr_Clear();
}

/* While a bill is made torch may let go of the GIL, and another thread fail: that is told behind
 * it, without a bill of its own. What we do ourselves fails on the same thread, and is nobody's. */
static PyObject *on_failure(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	static pid_t inside; /* the thread; under the GIL */
	int saved = errno;
	PyObject *kind, *value, *traceback;
	(void)self;
	PyErr_Fetch(&kind, &value, &traceback);
	pid_t own = (pid_t)syscall(SYS_gettid), other = inside;
	if (n == 4 && other != own) {
		if (!other)
			inside = own;
		on_figures(arguments, other);
		if (!other)
			inside = 0;
	}
	PyErr_Restore(kind, value, traceback);
	errno = saved;
	return python_none();
}

/* ---- who watches for it ---- */

/* Attaching makes torch open its cards, so it is done where the program does. */
static PyObject *attach(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	static PyMethodDef method = { "_out_of_memory", PY_FUNCTION(on_failure), METH_FASTCALL,
				      NULL };
	PyObject *kind, *value, *traceback;
	(void)self, (void)arguments, (void)n;
	PyErr_Fetch(&kind, &value, &traceback);
	PyObject *call = object_of_module("torch._C", "_cuda_attach_out_of_memory_observer");
	PyObject *observer = call ? PyCFunction_NewEx(&method, NULL, NULL) : NULL;
	PyObject *done = observer ? PyObject_CallFunction(call, "(O)", observer) : NULL;
	agent_note(done ? AGENT_SAW_TORCH : AGENT_SAW_BARE_TORCH, NULL, NULL);
	if (done)
		Py_DecRef(done);
	if (observer)
		Py_DecRef(observer);
	PyErr_Clear();
	PyErr_Restore(kind, value, traceback);
	return python_none();
}

/* Until 2.0 torch calls observers while it holds the lock of its pool. */
static bool is_old(void)
{
	char text[64];
	int major = 0, minor = 0;
	if (sscanf(card_version(text, sizeof text, "torch"), "%d.%d", &major, &minor) != 2)
		return true;
	return major < 2 || (major == 2 && minor < 1);
}

/* What is done once torch opens its cards. */
static void queue(PyObject *queued)
{
	static PyMethodDef method = { "_attach", PY_FUNCTION(attach), METH_FASTCALL, NULL };
	PyObject *call = PyCFunction_NewEx(&method, NULL, NULL),
		 *none = PyObject_CallObject(&PyList_Type, NULL);
	PyObject *pair =
		call && none ? PyObject_CallFunction(&PyTuple_Type, "([OO])", call, none) : NULL;
	if (pair)
		PyList_Append(queued, pair);
	if (pair)
		Py_DecRef(pair);
	if (none)
		Py_DecRef(none);
	if (call)
		Py_DecRef(call);
	PyErr_Clear();
}

static bool is_being_imported(void)
{
	PyObject *spec = object_of_module("torch.cuda", "__spec__");
	PyObject *at_it = spec ? PyObject_GetAttrString(spec, "_initializing") : NULL;
	bool is = !at_it || PyObject_IsTrue(at_it) != 0;
	if (at_it)
		Py_DecRef(at_it);
	PyErr_Clear();
	return is;
}

void card_importing(void)
{
	if (settled || !PyDict_GetItemString(PyImport_GetModuleDict(), "torch.cuda") ||
	    is_being_imported())
		return;
	settled = true;
	PyObject *opened = object_of_module("torch.cuda", "_initialized");
	PyObject *queued = object_of_module("torch.cuda", "_queued_calls");
	if (!object_of_module("torch._C", "_cuda_init"))
		return; /* it has no cards */
	if (is_old())
		agent_note(AGENT_SAW_OLD_TORCH, NULL, NULL);
	else if (!object_of_module("torch._C", "_cuda_attach_out_of_memory_observer"))
		agent_note(AGENT_SAW_BARE_TORCH, NULL, NULL);
	else if (opened && PyObject_IsTrue(opened) == 1)
		attach(NULL, NULL, 0);
	else if (queued)
		queue(queued);
	PyErr_Clear();
}
