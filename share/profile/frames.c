#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/grown.h"

enum {
	MOST_PATHS = 16384,
	MOST_NUMBERS = 1 << 20, /* that a file may give to either */
	LONGEST_KEY = 4096,
};

/* ---- numbers and what they stand for ---- */

/* Notes what a number means from here on; the next one is one more than there are. */
static int give_number(size_t **of, size_t *n, uint64_t number, size_t index)
{
	if (number == 0 || number > *n + 1 || number > MOST_NUMBERS)
		return 0;
	if (number == *n + 1) {
		size_t *grown = array_more(of, n, sizeof *grown);
		if (!grown)
			return -ENOMEM;
	}
	(*of)[number - 1] = index;
	return 0;
}

int grown_take_path(struct grown *l, struct profile_growth *g, const struct profile_record *record)
{
	long at = names_find(&l->paths, record->text, MOST_PATHS);
	if (at == -ENOMEM)
		return -ENOMEM;
	if (at < 0)
		at = 0; /* too many: they go by the first */
	if ((size_t)at == g->n_paths) {
		char *copy = strdup(record->text);
		char **path = copy ? array_more(&g->paths, &g->n_paths, sizeof *path) : NULL;
		if (!path) {
			free(copy);
			return -ENOMEM;
		}
		*path = copy;
	}
	return give_number(&l->path_of, &l->n_path_of, record->number, (size_t)at);
}

static int add_frame(struct grown *l, struct profile_growth *g, const struct profile_frame *what)
{
	char *function = what->function ? strdup(what->function) : NULL;
	if (what->function && !function)
		return -ENOMEM;
	if (!array_more(&l->tallies, &l->n_tallies, sizeof *l->tallies)) {
		free(function);
		return -ENOMEM;
	}
	struct profile_frame *frame = array_more(&g->frames, &g->n_frames, sizeof *frame);
	if (!frame) {
		free(function);
		return -ENOMEM;
	}
	*frame = *what;
	frame->function = function;
	return 0;
}

/* Frame 0, which no record tells of. */
int grown_add_nowhere(struct grown *l, struct profile_growth *g)
{
	return g->n_frames > 0 ? 0 : add_frame(l, g, &(struct profile_frame){ 0 });
}

/* Found by its whole identity, so that a recorder may begin its numbers anew. */
int grown_take_frame(struct grown *l, struct profile_growth *g, const struct profile_record *record)
{
	char key[LONGEST_KEY];
	if (record->caller > l->n_frame_of || record->path == 0 || record->path > l->n_path_of)
		return 0;
	int r = grown_add_nowhere(l, g);
	if (r < 0)
		return r;
	struct profile_frame what = {
		.caller = record->caller ? l->frame_of[record->caller - 1] : 0,
		.path = l->path_of[record->path - 1],
		.line = record->place.line,
		.function = (char *)record->function, /* copied where it is new */
	};
	snprintf(key, sizeof key, "%zu %zu %d %s", what.caller, what.path, what.line,
		 what.function);
	long at = names_find(&l->frames, key, GROWN_FRAMES);
	if (at == -ENOMEM)
		return -ENOMEM;
	size_t index = (size_t)at + 1; /* behind frame 0 */
	if (at < 0) {
		g->dropped_frames++;
		index = what.caller;
	} else if (index == g->n_frames) {
		r = add_frame(l, g, &what);
		if (r < 0)
			return r;
	}
	return give_number(&l->frame_of, &l->n_frame_of, record->number, index);
}
