#include "recorder/library/python/mprof_c/samples.h"

#include <stdbool.h>
#include <stdlib.h>

#include "share/profile/sample.h"

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

struct samples {
	PyObject_HEAD Py_ssize_t shape[2], strides[2];
	double (*rows)[2]; /* seconds, MiB */
};

PyObject *samples_new(const struct mprof_sample *from, size_t n)
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
		s->rows[i][1] = sample_bytes_mib(from[i].bytes);
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

PyObject *samples_make_type(void)
{
	samples_type = (PyTypeObject *)(is_3_8() ? make_samples_type_3_8()
						 : PyType_FromSpec(&samples_spec));
	Py_XINCREF((PyObject *)samples_type); /* one is ours */
	return (PyObject *)samples_type;
}
