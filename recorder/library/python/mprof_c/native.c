/* The part of the Python module that is C: libmprof-c with Python's types. One binary for every
 * CPython from 3.8: the stable ABI. Memory is in MiB here. The GIL is let go wherever somebody may
 * be waited for; the thread that samples never wants it. */
#include "recorder/library/python/mprof_c/python.h"

#include <dlfcn.h>
#include <errno.h>

#include "recorder/library/mprof-c.h"
#include "recorder/library/python/mprof_c/samples.h"
#include "share/profile/sample.h"
#include "share/version.h"

static PyObject *raise_errno(void)
{
	if (errno == EINVAL) {
		PyErr_SetString(PyExc_ValueError,
				"interval takes seconds from 0.0001 to 86400, metric rss, pss or "
				"another of mprof-c run -b, and most at least 8");
		return NULL;
	}
	return errno == ENOMEM ? PyErr_NoMemory() : PyErr_SetFromErrno(PyExc_OSError);
}

/* ---- the recorder ---- */

struct recorder {
	PyObject_HEAD struct mprof_recorder *recorder;
};

static struct mprof_recorder *recorder_of(PyObject *self)
{
	return ((struct recorder *)self)->recorder;
}

static PyObject *recorder_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
	struct mprof_options o = { 0 };
	PyObject *path;
	Py_ssize_t most;
	int ring, high_water;
	(void)keywords;
	if (!PyArg_ParseTuple(arguments, "dsOnpip", &o.interval, &o.metric, &path, &most, &ring,
			      &high_water, &o.tree) ||
	    (path != Py_None && !(o.path = PyBytes_AsString(path))))
		return NULL;
	o.most = most < 0 ? 1 : (size_t)most; /* 1 is refused */
	o.bound = ring ? MPROF_RING : MPROF_THIN;
	o.high_water = (enum mprof_high_water)high_water;
	struct recorder *self =
		(struct recorder *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
	if (!self)
		return NULL;
	Py_BEGIN_ALLOW_THREADS self->recorder = mprof_start(&o);
	Py_END_ALLOW_THREADS if (self->recorder) return (PyObject *)self;
	int error = errno;
	Py_DECREF((PyObject *)self);
	errno = error;
	return raise_errno();
}

static void recorder_free(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	struct mprof_recorder *recorder = recorder_of(self);
	Py_BEGIN_ALLOW_THREADS mprof_free(recorder);
	Py_END_ALLOW_THREADS((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
	Py_DECREF((PyObject *)type);
}

static PyObject *recorder_stop(PyObject *self, PyObject *nothing)
{
	int r;
	(void)nothing;
	Py_BEGIN_ALLOW_THREADS r = mprof_stop(recorder_of(self));
	Py_END_ALLOW_THREADS return r < 0 ? raise_errno() : Py_BuildValue("");
}

static PyObject *recorder_samples(PyObject *self, PyObject *nothing)
{
	const struct mprof_sample *samples;
	(void)nothing;
	size_t n = mprof_samples(recorder_of(self), &samples); /* with the GIL: a turn each */
	return samples_new(samples, n);
}

static PyObject *recorder_summary(PyObject *self, PyObject *nothing)
{
	struct mprof_summary s;
	(void)nothing;
	if (mprof_summary(recorder_of(self), &s) < 0)
		return raise_errno();
	return Py_BuildValue("{s:d,s:d,s:d,s:d,s:N,s:N,s:K,s:K,s:d}", "start", s.start, "seconds",
			     s.seconds, "baseline", sample_bytes_mib(s.baseline), "peak",
			     sample_bytes_mib(s.peak), "exact", PyBool_FromLong(s.peak_is_exact),
			     "running", PyBool_FromLong(s.running), "count",
			     (unsigned long long)s.samples, "missed", (unsigned long long)s.missed,
			     "cpu", s.cpu);
}

static PyObject *recorder_save(PyObject *self, PyObject *path)
{
	const char *name = PyBytes_AsString(path);
	int r;
	if (!name)
		return NULL;
	Py_BEGIN_ALLOW_THREADS r = mprof_save(recorder_of(self), name);
	Py_END_ALLOW_THREADS return r < 0
		? PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path)
		: Py_BuildValue("");
}

static PyMethodDef recorder_methods[] = {
	{ "stop", recorder_stop, METH_NOARGS, NULL },
	{ "samples", recorder_samples, METH_NOARGS, NULL },
	{ "summary", recorder_summary, METH_NOARGS, NULL },
	{ "save", recorder_save, METH_O, NULL },
	{ NULL, NULL, 0, NULL },
};
static PyType_Slot recorder_slots[] = {
	{ Py_tp_new, recorder_new },
	{ Py_tp_dealloc, recorder_free },
	{ Py_tp_methods, recorder_methods },
	{ 0, NULL },
};
static PyType_Spec recorder_spec = {
	.name = "mprof_c._native.Recorder",
	.basicsize = sizeof(struct recorder),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = recorder_slots,
};

/* ---- functions ---- */

static PyObject *rss(PyObject *self, PyObject *nothing)
{
	(void)self;
	(void)nothing;
	return PyFloat_FromDouble(sample_bytes_mib(mprof_rss()));
}

static PyObject *peak(PyObject *self, PyObject *nothing)
{
	(void)self;
	(void)nothing;
	return PyFloat_FromDouble(sample_bytes_mib(mprof_peak()));
}

static PyObject *reset_peak(PyObject *self, PyObject *nothing)
{
	(void)self;
	(void)nothing;
	return mprof_reset_peak() < 0 ? raise_errno() : Py_BuildValue("");
}

static PyObject *measure(PyObject *self, PyObject *arguments)
{
	int pid, tree, r;
	const char *metric;
	uint64_t bytes;
	(void)self;
	if (!PyArg_ParseTuple(arguments, "isp", &pid, &metric, &tree))
		return NULL;
	Py_BEGIN_ALLOW_THREADS r = mprof_measure(pid, metric, tree, &bytes);
	Py_END_ALLOW_THREADS return r < 0 ? raise_errno()
					  : PyFloat_FromDouble(sample_bytes_mib(bytes));
}

static PyObject *tell(int (*function)(const char *text), PyObject *arguments)
{
	const char *text;
	int r;
	if (!PyArg_ParseTuple(arguments, "s", &text))
		return NULL;
	Py_BEGIN_ALLOW_THREADS r = function(text);
	Py_END_ALLOW_THREADS if (r < 0 && errno == EINVAL) return PyErr_Format(
		PyExc_ValueError, "a call needs a name");
	return r < 0 ? raise_errno() : Py_BuildValue("");
}

static PyObject *mark(PyObject *self, PyObject *arguments)
{
	(void)self;
	return tell(mprof_mark, arguments);
}

static PyObject *enter(PyObject *self, PyObject *arguments)
{
	(void)self;
	return tell(mprof_enter, arguments);
}

static PyObject *leave(PyObject *self, PyObject *nothing)
{
	int r;
	(void)self;
	(void)nothing;
	Py_BEGIN_ALLOW_THREADS r = mprof_leave();
	Py_END_ALLOW_THREADS if (r < 0 && errno == EINVAL) return PyErr_Format(
		PyExc_ValueError, "no call is open in this thread");
	return r < 0 ? raise_errno() : Py_BuildValue("");
}

/* Where the library lies, beside which the plotter is looked for. */
static PyObject *library(PyObject *self, PyObject *nothing)
{
	Dl_info info;
	(void)self;
	(void)nothing;
	return PyUnicode_DecodeFSDefault(dladdr((void *)mprof_start, &info) ? info.dli_fname : "");
}

static PyMethodDef functions[] = {
	{ "rss", rss, METH_NOARGS,
	  "rss() -> float\n\nThe resident set size of this process now, in MiB." },
	{ "peak", peak, METH_NOARGS,
	  "peak() -> float\n\nThe most that this process has held, in MiB: the kernel's high-water "
	  "mark, as\nresource.getrusage(RUSAGE_SELF).ru_maxrss tells it in KiB. Exact." },
	{ "reset_peak", reset_peak, METH_NOARGS,
	  "reset_peak()\n\nSets the high-water mark to what is held now, for peak() and for "
	  "everybody else who reads it." },
	{ "mark", mark, METH_VARARGS,
	  "mark(label)\n\nNames this moment in the recording that `mprof-c run` makes of this "
	  "process, else in\nevery record() that runs, else nowhere." },
	{ "measure", measure, METH_VARARGS, NULL },
	{ "enter", enter, METH_VARARGS, NULL },
	{ "leave", leave, METH_NOARGS, NULL },
	{ "library", library, METH_NOARGS, NULL },
	{ NULL, NULL, 0, NULL },
};
static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "mprof_c._native",
					 .m_size = -1, .m_methods = functions };

/* Older headers do not say that it is to be seen. */
MPROF_API PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void)
{
	PyObject *module = PyModule_Create(&definition);
	PyObject *recorder = PyType_FromSpec(&recorder_spec);
	PyObject *samples = samples_make_type();
	if (!module || !recorder || !samples)
		return NULL;
	PyModule_AddObject(module, "Recorder", recorder);
	PyModule_AddObject(module, "Samples", samples);
	PyModule_AddStringConstant(module, "version", MPROF_VERSION);
	PyModule_AddStringConstant(module, "libexecdir", MPROF_LIBEXECDIR);
	return module;
}
