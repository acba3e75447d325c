#include "recorder/python/agent/marks.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/enrol.h"
#include "recorder/python/agent/objects.h"

enum { FILE_OF_CODE, OWN_NAME, WHOLE_FILE, WHOLE_NAME, N_TEXTS };

/* The first two of the texts, which tell one from another; false: it has none. */
static bool key_of(PyObject *code, char *texts[N_TEXTS])
{
	texts[FILE_OF_CODE] = object_text(code, "co_filename");
	texts[OWN_NAME] = object_text(code, "co_name");
	return texts[FILE_OF_CODE] && texts[OWN_NAME];
}

static void free_key(char *texts[N_TEXTS])
{
	free(texts[FILE_OF_CODE]);
	free(texts[OWN_NAME]);
}

/* Its texts, as pointers into it; false: it is not what it should be. */
static bool read_mark(const struct agent_mark *mark, const char *texts[N_TEXTS])
{
	size_t at = (size_t)((const char *)mark->texts - (const char *)agent_shared);
	size_t left = mark->text <= AGENT_BYTES - at ? mark->text : 0;
	const char *p = mark->texts;
	for (size_t i = 0; i < N_TEXTS; i++) {
		size_t n = strnlen(p, left);
		if (n == left)
			return false;
		texts[i] = p;
		p += n + 1;
		left -= n + 1;
	}
	return true;
}

static const struct agent_mark *mark_at(unsigned i)
{
	unsigned at = atomic_load_explicit(&agent_shared->marks[i], memory_order_acquire);
	if (at < AGENT_BLOCKS || at % 8 != 0 || at > AGENT_BYTES - sizeof(struct agent_mark))
		return NULL;
	return (const struct agent_mark *)((const char *)agent_shared + at);
}

/* NULL: there is none. */
static const struct agent_mark *find(char *const key[N_TEXTS], int first,
				     const char *texts[N_TEXTS])
{
	unsigned n = atomic_load(&agent_shared->n_marks);
	for (unsigned i = 0; i < n && i < AGENT_MARKS; i++) {
		const struct agent_mark *mark = mark_at(i);
		if (mark && mark->first == first && read_mark(mark, texts) &&
		    strcmp(key[FILE_OF_CODE], texts[FILE_OF_CODE]) == 0 &&
		    strcmp(key[OWN_NAME], texts[OWN_NAME]) == 0)
			return mark;
	}
	return NULL;
}

static void add(char *const texts[N_TEXTS], int first)
{
	size_t size = 0;
	for (size_t i = 0; i < N_TEXTS; i++)
		size += strlen(texts[i]) + 1;
	struct agent_mark *mark = agent_room(sizeof *mark + size, AGENT_MARK);
	if (!mark)
		return;
	char *p = mark->texts;
	for (size_t i = 0; i < N_TEXTS; i++)
		p = stpcpy(p, texts[i]) + 1;
	mark->first = first;
	mark->text = (uint32_t)size;
	unsigned n = atomic_fetch_add(&agent_shared->n_marks, 1);
	if (n < AGENT_MARKS)
		atomic_store_explicit(&agent_shared->marks[n],
				      (unsigned)((char *)mark - (char *)agent_shared),
				      memory_order_release);
}

void marks_put(PyObject *code, const struct subject *subject)
{
	char *texts[N_TEXTS] = { [WHOLE_FILE] = subject->file, [WHOLE_NAME] = subject->name };
	const char *known[N_TEXTS];
	if (key_of(code, texts) && atomic_load(&agent_shared->n_marks) < AGENT_MARKS &&
	    !find(texts, subject->first, known))
		add(texts, subject->first);
	free_key(texts);
}

bool marks_take(PyObject *code)
{
	char *key[N_TEXTS];
	const char *texts[N_TEXTS];
	bool found = atomic_load(&agent_shared->n_marks) > 0 && !subject_find(code) &&
		     object_is_code(code);
	if (!found)
		return false;
	found = key_of(code, key) &&
		find(key, (int)object_long(code, "co_firstlineno", 1), texts) != NULL;
	struct subject *subject =
		found ? enrol(code, texts[WHOLE_NAME], agent_shared->lines, agent_shared->calls)
		      : NULL;
	/* A path from another folder is of the process that marked it. */
	char *file = subject ? strdup(texts[WHOLE_FILE]) : NULL;
	if (file) {
		free(subject->file);
		subject->file = file;
	}
	free_key(key);
	PyErr_Clear();
	return found;
}
