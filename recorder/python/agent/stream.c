#include "recorder/python/agent/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/objects.h"
#include "share/profile/sample.h"

/* Streams are let go at exit, as the program's own references are: what is written to a file may
 * reach it only when nobody has it any more. A line of `figures` is a line's number, then bytes
 * held, added and held at most, and how often.
 */
static const char source[] =
	"import atexit, linecache\n"
	"HEAD = 'Line #    Mem usage    Increment         Peak  Occurrences   Line Contents'\n"
	"held = []\n"
	"atexit.register(held.clear)\n"
	"def writer(stream, precision):\n"
	"    at = len(held)\n"
	"    held.append(stream)\n"
	"    del stream\n"
	"    def figure(text):\n"
	"        return '%*.*f MiB' % (precision + 4, precision, int(text) / 1048576)\n"
	"    def write(file, first, last, figures):\n"
	"        if not held:\n"
	"            return\n"
	"        rows = {int(row.split()[0]): row.split()[1:] for row in figures.splitlines()}\n"
	"        text = ['Filename: ' + file + '\\n\\n' + HEAD + '\\n' + '=' * len(HEAD) + '\\n']\n"
	"        for line in range(first, last + 1):\n"
	"            *bytes, times = rows.get(line, ('', '', '', ''))\n"
	"            shown = [figure(b) if b else '' for b in bytes]\n"
	"            source = linecache.getline(file, line).rstrip('\\n')\n"
	"            text.append('%6d %12s %12s %12s  %10s   %s\\n' % (line, *shown, times, "
	"source))\n"
	"        held[at].write(''.join(text) + '\\n\\n')\n"
	"    return write\n";

void stream_open(struct subject *subject, PyObject *stream, PyObject *precision)
{
	static PyObject *writer;
	if (!writer)
		writer = object_made(source, "writer");
	if (!writer || !subject->lines || subject->n_lines <= 0)
		return;
	if (!subject->streamed)
		subject->streamed = calloc((size_t)subject->n_lines, sizeof *subject->streamed);
	PyObject *write = PyObject_CallFunction(writer, "OO", stream, precision);
	PyErr_Clear();
	if (subject->streamed && write)
		subject->stream = write;
}

struct agent_line *stream_line(struct subject *top, int line)
{
	int at = line - top->first;
	return at >= 0 && at < top->n_lines ? &top->streamed[at] : NULL;
}

/* The caller frees it. */
static char *figures_of(struct subject *top)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	for (int i = 0; i < top->n_lines; i++) {
		const struct agent_line *line = &top->streamed[i];
		if (line->occurrences > 0)
			fprintf(out, "%d %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 "\n",
				top->first + i, line->most, line->increment, line->peak,
				line->occurrences);
	}
	fclose(out);
	return text;
}

void stream_tell(struct subject *top)
{
	char *figures = figures_of(top);
	memset(top->streamed, 0, (size_t)top->n_lines * sizeof *top->streamed);
	PyObject *done = NULL;
	if (figures)
		done = PyObject_CallFunction(top->stream, "siis", top->file, top->first,
					     top->first + top->n_lines - 1, figures);
	if (done)
		Py_DecRef(done);
	PyErr_Clear();
	free(figures);
}
