#include "recorder/python/agent/break.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/objects.h"
#include "share/profile/sample.h"

/* pdb does the rest: it stops this frame at its next line. */
static const char source[] = "import pdb, sys\n"
			     "def stop(frame, text):\n"
			     "    sys.stdout.flush()\n"
			     "    sys.stderr.write(text)\n"
			     "    sys.stderr.flush()\n"
			     "    pdb.Pdb(nosigint=True).set_trace(frame)\n";

static char told[2 * AGENT_TEXT]; /* to the person at the terminal; "": nothing yet */

void break_tell(struct subject *subject, int line, enum break_how how)
{
	static const char *const words[] = { [BREAK_AT] = "at %s:%d",
					     [BREAK_BEFORE] = "before %s:%d began",
					     [BREAK_ASIDE] = "by another thread while %s:%d ran" };
	char place[AGENT_TEXT];
	if (*told)
		return;
	const char *file = subject->top->file;
	size_t n = strlen(file), most = AGENT_TEXT - 48; /* its end tells more */
	snprintf(place, sizeof place, words[how], n > most ? file + (n - most) : file, line);
	agent_note(AGENT_SAW_BREAK, agent_shared->broke_at, place);
	snprintf(told, sizeof told, "mprof-c: %.1f MiB were reached %s, in %s\n",
		 sample_bytes_mib(agent_shared->break_at), place, subject->top->name);
	memory_break_due = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void break_stop(PyFrame *frame)
{
	if (!frame)
		return;
	memory_break_due = false;
	PyObject *stop = object_made(source, "stop");
	PyObject *done = stop ? PyObject_CallFunction(stop, "Os", frame, told) : NULL;
	if (done)
		Py_DecRef(done);
	else
		PyErr_Clear();
}
