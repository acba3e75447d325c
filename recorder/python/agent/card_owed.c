#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

/* ---- lines ---- */

enum { MOST = 64 << 10, LONGEST = 2048 };

void card_put(struct card_text *text, const char *format, ...)
{
	char line[LONGEST];
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(line, sizeof line - 1, format, arguments);
	va_end(arguments);
	if (n < 0 || n >= (int)sizeof line - 1)
		return;
	line[n++] = '\n';
	if (text->n + (size_t)n > text->room) {
		size_t room = text->room ? 2 * text->room : LONGEST;
		char *more = room <= MOST ? realloc(text->text, room) : NULL;
		if (!more)
			return;
		text->text = more;
		text->room = room;
	}
	memcpy(text->text + text->n, line, (size_t)n);
	text->n += (size_t)n;
}

char *card_field(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text && *text ? text : "?");
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	return out;
}

void card_pass_on(struct card_text *text)
{
	struct agent_card *card =
		text->n > 0 ? agent_room(sizeof *card + text->n, AGENT_CARD) : NULL;
	if (card) {
		memcpy(card->lines, text->text, text->n);
		card->text = (uint32_t)text->n;
		atomic_store_explicit(&card->ready, 1, memory_order_release);
		atomic_fetch_add(&agent_shared->n_cards, 1);
	}
	free(text->text);
	*text = (struct card_text){ 0 };
}

/* ---- what stands in them ---- */

void card_put_failure(struct card_text *text, const struct card_failure *f, const char *who)
{
	int64_t now = (clock_kernel() + agent_shared->clock) / 1000;
	if (f->wanted < 0)
		card_put(text, "oom\t%s\t-\t%" PRId64 "\t%s", f->device.name, now, who);
	else
		card_put(text, "oom\t%s\t%" PRId64 "\t%" PRId64 "\t%s", f->device.name, f->wanted,
			 now, who);
}

char *card_version(char *out, size_t size, const char *module)
{
	PyObject *own = object_of_module(module, "__version__");
	char *text = own ? text_of(own) : NULL;
	PyErr_Clear();
	card_field(out, size, text);
	free(text);
	return out;
}

void card_owe(struct card_text *text, const struct card_failure *f, const char *class,
	      int64_t bytes, const char *whom)
{
	if (bytes < 0)
		card_put(text, "owed\t%s\t%s\t-\t%s", f->device.name, class, whom);
	else
		card_put(text, "owed\t%s\t%s\t%" PRId64 "\t%s", f->device.name, class, bytes, whom);
}

static char *whom(char *out, size_t size, unsigned pid)
{
	char path[64], name[32] = "";
	snprintf(path, sizeof path, "/proc/%u/comm", pid);
	FILE *file = fopen(path, "re");
	if (file) {
		if (fgets(name, sizeof name, file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	char field[32];
	snprintf(out, size, "%u%s%s", pid, *name ? " " : "",
		 *name ? card_field(field, sizeof field, name) : "");
	return out;
}

void card_owe_rest(struct card_text *text, const struct card_failure *f, int64_t total,
		   int64_t reserved)
{
	char name[64];
	int64_t rest = total - f->free - reserved;
	const struct card_device *d = &f->device;
	/* Of an instance of a card the driver's figures are not: they are the whole card's. */
	bool same = d->total > 0 && d->total - total < total / 50 && total - d->total < total / 50;
	if (same && d->own >= reserved && d->own - reserved <= rest) {
		card_owe(text, f, "outside", d->own - reserved, "-");
		rest -= d->own - reserved;
	} else {
		card_owe(text, f, "outside", CARD_UNKNOWN, "-");
	}
	for (size_t i = 0; same && i < d->n_others; i++) {
		int64_t bytes = d->others[i].bytes < rest ? d->others[i].bytes : rest;
		card_owe(text, f, "neighbour", bytes,
			 d->others[i].pid ? whom(name, sizeof name, d->others[i].pid) : "others");
		rest -= bytes;
	}
	card_owe(text, f, "rest", rest, "-");
}

void card_undisturbed(void (*tell)(struct card_failure *), struct card_failure *f)
{
	PyObject *gc = PyImport_ImportModule("gc");
	PyObject *enabled = gc ? PyObject_CallMethod(gc, "isenabled", NULL) : NULL;
	bool was = enabled && PyObject_IsTrue(enabled) == 1;
	if (enabled)
		Py_DecRef(enabled);
	PyObject *done = was ? PyObject_CallMethod(gc, "disable", NULL) : NULL;
	if (done)
		Py_DecRef(done);
	PyErr_Clear();
	tell(f);
	PyErr_Clear();
	done = was ? PyObject_CallMethod(gc, "enable", NULL) : NULL;
	if (done)
		Py_DecRef(done);
	if (gc)
		Py_DecRef(gc);
}
