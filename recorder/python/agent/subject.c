#include "recorder/python/agent/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/objects.h"

/* ---- the table ---- */

static struct subject *nothing[1];
struct subject_table subject_table = { nothing, 0 };

void (*subject_asked)(void);

static unsigned n_objects;
static struct subject **all; /* those and the named blocks, in order */
static unsigned n_all;

static void put(struct subject_table *table, struct subject *subject)
{
	unsigned i = subject_slot(subject->object);
	while (table->slots[i & table->mask])
		i++;
	table->slots[i & table->mask] = subject;
}

static bool make_room(void)
{
	unsigned size = subject_table.mask + 1;
	if (2 * (n_objects + 1) < size)
		return true;
	struct subject_table larger = { NULL, size < 256 ? 255 : 2 * size - 1 };
	larger.slots = calloc(larger.mask + 1, sizeof *larger.slots);
	if (!larger.slots)
		return false;
	for (unsigned i = 0; i < size; i++)
		if (subject_table.slots[i])
			put(&larger, subject_table.slots[i]);
	if (subject_table.slots != nothing)
		free(subject_table.slots);
	subject_table = larger;
	return true;
}

static bool list(struct subject *subject)
{
	if ((n_all & (n_all - 1)) == 0) {
		struct subject **more = realloc(all, (n_all ? 2 * n_all : 1) * sizeof *more);
		if (!more)
			return false;
		all = more;
	}
	all[n_all++] = subject;
	return true;
}

/* ---- counters ---- */

static struct agent_listing *new_listing(const struct subject *top)
{
	size_t file = strlen(top->file) + 1, name = strlen(top->name) + 1;
	size_t n = (size_t)top->n_lines, lines = n * sizeof(struct agent_line);
	struct agent_listing *listing =
		agent_room(sizeof *listing + lines + file + name, AGENT_LISTING);
	if (!listing)
		return NULL;
	char *texts = (char *)&listing->lines[n];
	memcpy(texts, top->file, file);
	memcpy(texts + file, top->name, name);
	listing->first = top->first;
	listing->n_lines = (uint32_t)n;
	listing->text = (uint32_t)(file + name);
	return listing;
}

struct agent_line *subject_line(struct subject *top, int line)
{
	int at = line - top->first;
	if (!top->listing)
		top->listing = new_listing(top);
	return top->listing && at >= 0 && at < top->n_lines ? &top->listing->lines[at] : NULL;
}

/* What the parent counted is the parent's. */
void subjects_forked(void)
{
	for (unsigned i = 0; i < n_all; i++)
		all[i]->listing = NULL;
}

/* ---- adding ---- */

/* The path that the program knows it by may be relative, and the recorder is elsewhere. */
static char *absolute(char *file)
{
	char folder[4096];
	if (!file || *file == '/' || *file == '<' || !getcwd(folder, sizeof folder))
		return file;
	char *path = malloc(strlen(folder) + strlen(file) + 2);
	if (path)
		sprintf(path, "%s/%s", folder, strncmp(file, "./", 2) == 0 ? file + 2 : file);
	if (path)
		free(file);
	return path ? path : file;
}

struct subject *subject_make(PyObject *object, const char *name, struct subject *top)
{
	struct subject *subject = calloc(1, sizeof *subject);
	char *file = object ? absolute(object_text(object, "co_filename")) : strdup("");
	if (!subject || !file || !(subject->name = strdup(name)) || !make_room() ||
	    !list(subject)) {
		free(file);
		free(subject ? subject->name : NULL);
		free(subject);
		return NULL;
	}
	memory_open();
	subject->object = object;
	subject->file = file;
	subject->top = top ? top : subject;
	if (!object)
		return subject;
	Py_IncRef(object);
	subject->first = (int)object_long(object, "co_firstlineno", 1);
	subject->suspends = object_long(object, "co_flags", 0) & CO_SUSPENDS;
	put(&subject_table, subject);
	n_objects++;
	return subject;
}

struct subject *subject_block(const char *name)
{
	for (unsigned i = 0; i < n_all; i++)
		if (!all[i]->object && strcmp(all[i]->name, name) == 0)
			return all[i];
	struct subject *subject = subject_make(NULL, name, NULL);
	if (subject)
		subject->calls = agent_shared->calls;
	return subject;
}
