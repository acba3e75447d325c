/* The part of the Python module that is C: libmprof-c with Python's types. One binary for every
 * CPython from 3.8: the stable ABI. Memory is in MiB here. The GIL is let go wherever somebody may
 * be waited for; the thread that samples never wants it. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03080000
#include <Python.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "recorder/library/mprof-c.h"
#include "share/version.h"

static const double MIB = 1 << 20;

/* The header tells of buffers only from 3.11 on; their layout and the slot's number are as old as
 * Python 3 (PEP 3118, PEP 384) and have since become part of the stable ABI. */
struct buffer {
	void *buf;
	PyObject *obj;
	Py_ssize_t len, itemsize;
	int readonly, ndim;
	char *format;
	Py_ssize_t *shape, *strides, *suboffsets;
	void *internal;
};
enum { SLOT_GETBUFFER = 1 };
enum { WRITABLE = 0x01, FORMAT = 0x04, ND = 0x08, STRIDES = 0x10, F_CONTIGUOUS = 0x40 };

static PyTypeObject *samples_type;

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

/* ---- samples: a buffer of (n, 2) doubles, and a sequence of pairs ---- */

struct samples {
	PyObject_HEAD Py_ssize_t shape[2], strides[2];
	double (*rows)[2]; /* seconds, MiB */
};

static PyObject *samples_new(const struct mprof_sample *from, size_t n)
{
	allocfunc alloc = (allocfunc)PyType_GetSlot(samples_type, Py_tp_alloc);
	struct samples *s = (struct samples *)alloc(samples_type, 0);
	if (!s)
		return NULL;
	s->rows = malloc((n + 1) * sizeof *s->rows);
	if (!s->rows) {
		Py_DECREF((PyObject *)s);
		return PyErr_NoMemory();
	}
	for (size_t i = 0; i < n; i++) {
		s->rows[i][0] = from[i].seconds;
		s->rows[i][1] = (double)from[i].bytes / MIB;
	}
	s->shape[0] = (Py_ssize_t)n;
	s->shape[1] = 2;
	s->strides[0] = sizeof *s->rows;
	s->strides[1] = sizeof **s->rows;
	return (PyObject *)s;
}

static void samples_free(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	free(((struct samples *)self)->rows);
	((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
	Py_DECREF((PyObject *)type);
}

static int samples_buffer(PyObject *self, struct buffer *view, int flags)
{
	static char doubles[] = "d";
	struct samples *s = (struct samples *)self;
	if ((flags & WRITABLE) || ((flags & F_CONTIGUOUS) && s->shape[0] > 1)) {
		view->obj = NULL;
		PyErr_SetString(PyExc_BufferError, "samples are read-only, row after row");
		return -1;
	}
	*view = (struct buffer){
		.buf = s->rows,
		.obj = self,
		.len = s->shape[0] * s->strides[0],
		.itemsize = sizeof(double),
		.readonly = 1,
		.ndim = flags & ND ? 2 : 1,
		.format = flags & FORMAT ? doubles : NULL,
		.shape = flags & ND ? s->shape : NULL,
		.strides = (flags & STRIDES) ? s->strides : NULL,
	};
	Py_INCREF(self);
	return 0;
}

static Py_ssize_t samples_length(PyObject *self)
{
	return ((struct samples *)self)->shape[0];
}

static PyObject *samples_item(PyObject *self, Py_ssize_t at)
{
	const struct samples *s = (const struct samples *)self;
	if (at < 0 || at >= s->shape[0]) {
		PyErr_SetString(PyExc_IndexError, "there is no such sample");
		return NULL;
	}
	return Py_BuildValue("(dd)", s->rows[at][0], s->rows[at][1]);
}

static PyObject *samples_slice(PyObject *self, PyObject *slice)
{
	Py_ssize_t start, stop, step;
	if (PySlice_Unpack(slice, &start, &stop, &step) < 0)
		return NULL;
	Py_ssize_t n = PySlice_AdjustIndices(samples_length(self), &start, &stop, step);
	PyObject *list = PyList_New(n);
	for (Py_ssize_t i = 0; list && i < n; i++) {
		PyObject *item = samples_item(self, start + i * step);
		if (!item || PyList_SetItem(list, i, item) < 0)
			Py_CLEAR(list);
	}
	return list;
}

static PyObject *samples_subscript(PyObject *self, PyObject *key)
{
	if (PyObject_TypeCheck(key, &PySlice_Type))
		return samples_slice(self, key);
	Py_ssize_t at = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (at == -1 && PyErr_Occurred())
		return NULL;
	return samples_item(self, at < 0 ? at + samples_length(self) : at);
}

static const char samples_doc[] =
	"Samples: a sequence of (seconds since the start, MiB), and a buffer of (n, 2) doubles.";
static PyType_Slot samples_slots[] = {
	{ Py_tp_dealloc, samples_free },    { Py_tp_doc, (void *)samples_doc },
	{ Py_sq_length, samples_length },   { Py_sq_item, samples_item },
	{ Py_mp_length, samples_length },   { Py_mp_subscript, samples_subscript },
	{ SLOT_GETBUFFER, samples_buffer }, { 0, NULL },
};
static PyType_Spec samples_spec = {
	.name = "mprof_c.Samples",
	.basicsize = sizeof(struct samples),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = samples_slots,
};

/* 3.8 refuses the buffer's slot in a spec. There it is put where that version, which changes no
 * more, looks for it: PyTypeObject.tp_as_buffer, the 21st word. */
static PyObject *make_samples_type_3_8(void)
{
	enum { TP_AS_BUFFER = 20 };
	struct procs {
		int (*get)(PyObject *self, struct buffer *view, int flags);
		void (*release)(PyObject *self, struct buffer *view);
	};
	samples_slots[sizeof samples_slots / sizeof *samples_slots - 2].slot = 0;
	PyObject *type = PyType_FromSpec(&samples_spec);
	if (type)
		((struct procs **)type)[TP_AS_BUFFER]->get = samples_buffer;
	return type;
}

static bool is_3_8(void)
{
	const char *version = Py_GetVersion();
	return version[0] == '3' && version[1] == '.' && version[2] == '8' && version[3] == '.';
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
			     s.seconds, "baseline", (double)s.baseline / MIB, "peak",
			     (double)s.peak / MIB, "exact", PyBool_FromLong(s.peak_is_exact),
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
	return PyFloat_FromDouble((double)mprof_rss() / MIB);
}

static PyObject *peak(PyObject *self, PyObject *nothing)
{
	(void)self;
	(void)nothing;
	return PyFloat_FromDouble((double)mprof_peak() / MIB);
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
	Py_END_ALLOW_THREADS return r < 0 ? raise_errno() : PyFloat_FromDouble((double)bytes / MIB);
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

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void)
{
	PyObject *module = PyModule_Create(&definition);
	PyObject *recorder = PyType_FromSpec(&recorder_spec);
	samples_type = (PyTypeObject *)(is_3_8() ? make_samples_type_3_8()
						 : PyType_FromSpec(&samples_spec));
	if (!module || !recorder || !samples_type)
		return NULL;
	Py_INCREF((PyObject *)samples_type);
	PyModule_AddObject(module, "Recorder", recorder);
	PyModule_AddObject(module, "Samples", (PyObject *)samples_type);
	PyModule_AddStringConstant(module, "version", MPROF_VERSION);
	PyModule_AddStringConstant(module, "libexecdir", MPROF_LIBEXECDIR);
	return module;
}
