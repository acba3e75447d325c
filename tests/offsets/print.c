/* Prints the row of recorder/python/offsets.inc for one minor version of CPython, from that
 * version's own internal headers; FOLDER is what sysconfig.get_path("include") says there:
 *
 *   gcc -I FOLDER tests/offsets/print.c -o print && ./print
 *
 * From 3.13 on, the interpreter tells its offsets itself (_Py_DebugOffsets), and no row is needed:
 * nothing is printed.
 * They are stable over the patch releases of a minor version. Not part of the build. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <stddef.h>
#include <stdio.h>

#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#if PY_VERSION_HEX >= 0x030b0000
#include <internal/pycore_frame.h>
typedef _PyInterpreterFrame frame;
#else
#include <frameobject.h>
typedef PyFrameObject frame;
#endif

/* What stack_frame_bytes goes by. */
#if PY_VERSION_HEX >= 0x030b0000
#define AT(member) offsetof(PyCodeObject, member)
_Static_assert(AT(co_stacksize) + 4 == AT(co_firstlineno), "before it");
_Static_assert(AT(co_firstlineno) + 4 == AT(co_nlocalsplus), "behind it");
#endif
#if PY_VERSION_HEX >= 0x030c0000
_Static_assert(AT(co_firstlineno) + 8 == AT(co_framesize), "behind that");
#elif PY_VERSION_HEX >= 0x030b0000
_Static_assert(FRAME_SPECIALS_SIZE == 9, "words of a frame itself");
#endif

#if PY_VERSION_HEX >= 0x030d0000
int main(void)
{
	return 0;
}
#else
#define SHOW(name, type, member) printf("\t  ." #name " = %d,\n", (int)offsetof(type, member))
#define NONE(name)               printf("\t  ." #name " = -1,\n")

static void show_threads(void)
{
	SHOW(runtime_head, _PyRuntimeState, interpreters.head);
	SHOW(interpreter_next, PyInterpreterState, next);
#if PY_VERSION_HEX >= 0x030b0000
	SHOW(interpreter_threads, PyInterpreterState, threads.head);
#else
	SHOW(interpreter_threads, PyInterpreterState, tstate_head);
#endif
#if PY_VERSION_HEX >= 0x030c0000
	SHOW(interpreter_gil, PyInterpreterState, ceval.gil);
	SHOW(gil_holder, struct _gil_runtime_state, last_holder);
	SHOW(gil_locked, struct _gil_runtime_state, locked);
	NONE(runtime_current);
#else
	NONE(interpreter_gil);
	NONE(gil_holder);
	NONE(gil_locked);
	SHOW(runtime_current, _PyRuntimeState, gilstate.tstate_current);
#endif
	SHOW(thread_next, PyThreadState, next);
	SHOW(thread_interpreter, PyThreadState, interp);
	SHOW(thread_id, PyThreadState, thread_id);
#if PY_VERSION_HEX >= 0x030b0000
	SHOW(thread_native, PyThreadState, native_thread_id);
	SHOW(thread_frame, PyThreadState, cframe);
	SHOW(cframe_frame, _PyCFrame, current_frame);
#else
	NONE(thread_native);
	SHOW(thread_frame, PyThreadState, frame);
	NONE(cframe_frame);
#endif
}

static void show_frames(void)
{
	SHOW(frame_code, frame, f_code);
#if PY_VERSION_HEX >= 0x030b0000
	SHOW(frame_back, frame, previous);
	SHOW(frame_instruction, frame, prev_instr);
	SHOW(frame_owner, frame, owner);
	SHOW(code_qualname, PyCodeObject, co_qualname);
	SHOW(code_bytes, PyCodeObject, co_code_adaptive);
	SHOW(code_lines, PyCodeObject, co_linetable);
#else
	SHOW(frame_back, frame, f_back);
	SHOW(frame_instruction, frame, f_lasti);
	NONE(frame_owner);
	NONE(code_qualname);
	NONE(code_bytes);
#if PY_VERSION_HEX >= 0x030a0000
	SHOW(code_lines, PyCodeObject, co_linetable);
#else
	SHOW(code_lines, PyCodeObject, co_lnotab);
#endif
#endif
	SHOW(object_type, PyObject, ob_type);
	SHOW(type_name, PyTypeObject, tp_name);
	SHOW(code_file, PyCodeObject, co_filename);
	SHOW(code_name, PyCodeObject, co_name);
	SHOW(code_first, PyCodeObject, co_firstlineno);
}

static void show_objects(void)
{
	SHOW(text_length, PyASCIIObject, length);
	SHOW(text_state, PyASCIIObject, state);
	printf("\t  .text_ascii = %d,\n", (int)sizeof(PyASCIIObject));
	printf("\t  .text_wide = %d,\n", (int)sizeof(PyCompactUnicodeObject));
	SHOW(bytes_size, PyVarObject, ob_size);
	SHOW(bytes_data, PyBytesObject, ob_sval);
}

int main(void)
{
	printf("\t{ .version = 0x%04x,\n", PY_VERSION_HEX >> 16);
	show_threads();
	show_frames();
	show_objects();
	printf("\t},\n");
	return 0;
}
#endif
