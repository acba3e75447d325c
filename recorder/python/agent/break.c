#include "recorder/python/agent/break.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/memory.h"
#include "share/profile/sample.h"

/* pdb does the rest: it stops this frame at its next line. */
static const char source[] = "import pdb, sys\n"
			     "def stop(frame, text):\n"
			     "    sys.stdout.flush()\n"
			     "    sys.stderr.write(text)\n"
			     "    sys.stderr.flush()\n"
			     "    pdb.Pdb(nosigint=True).set_trace(frame)\n";

static PyObject *load(void)
{
	PyObject *globals = PyDict_New(), *builtins = PyImport_ImportModule("builtins");
	PyObject *code = Py_CompileString(source, "<mprof-c>", PY_FILE_INPUT), *done = NULL;
	if (globals && builtins && code) {
		PyDict_SetItemString(globals, "__builtins__", builtins);
		done = PyEval_EvalCode(code, globals, globals);
	}
	if (!done)
		PyErr_Clear();
	return done ? PyDict_GetItemString(globals, "stop") : NULL;
}

void break_at(PyFrame *frame, struct subject *subject, int line)
{
	char place[AGENT_TEXT], text[2 * AGENT_TEXT];
	memory_break_due = false;
	snprintf(place, sizeof place, "%s:%d", subject->top->file, line);
	agent_note(AGENT_SAW_BREAK, agent_shared->broke_at, place);
	if (!frame || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return;
	snprintf(text, sizeof text, "mprof-c: %.1f MiB were reached at %s, in %s\n",
		 sample_bytes_mib(agent_shared->break_at), place, subject->top->name);
	PyObject *stop = load();
	PyObject *done = stop ? PyObject_CallFunction(stop, "Os", frame, text) : NULL;
	if (done)
		Py_DecRef(done);
	else
		PyErr_Clear();
}
