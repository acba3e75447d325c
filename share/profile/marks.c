#include <errno.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 4096 };

static int take_mark(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	if (p->n_marks == MOST)
		return 0;
	char *label = strdup(record->text);
	struct profile_mark *mark = label ? array_more(&p->marks, &p->n_marks, sizeof *mark) : NULL;
	if (!mark) {
		free(label);
		return -ENOMEM;
	}
	*mark = (struct profile_mark){ record->at, label };
	return 0;
}

static int copy(struct profile *to, const struct profile *from)
{
	to->marks = copy_of(from->marks, from->n_marks, sizeof *to->marks);
	for (size_t i = 0; to->marks && i < from->n_marks; i++) {
		to->n_marks++;
		to->marks[i].label = strdup(from->marks[i].label);
		if (!to->marks[i].label)
			return -ENOMEM;
	}
	return to->n_marks == from->n_marks ? 0 : -ENOMEM;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_marks; i++)
		free(p->marks[i].label);
	free(p->marks);
	p->marks = NULL;
	p->n_marks = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct part part_marks = {
	.takes = { { PROFILE_MARK, take_mark } },
	.beside = true,
	.begin = begin,
	.copy = copy,
	.drop = drop,
};
