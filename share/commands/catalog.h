/* The recordings in a folder that were given no name (share/default_name.h), oldest first, which is
 * by name; those of a job of many ranks stand in <job>/<node>/, and count as well. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct catalog {
	char **names; /* sorted; owned */
	size_t n;
};

/* Lists the current folder. 0 or -errno. */
int catalog_open(struct catalog *catalog);
void catalog_free(struct catalog *catalog);

/* Has the name of a recording that was given none? */
bool catalog_is_recording(const char *name);

/* What a word on the command line means: a file of that name, else an index (0 oldest, -1 newest).
 * -ENOENT: neither; -ERANGE: an index that there is no recording for; -ENOTUNIQ: both a file and
 * such an index; or what else the system says of the file. *path lives as long as the catalog and
 * the word. */
int catalog_find(const struct catalog *catalog, const char *word, const char **path);

/* The same of "0-2" or "-3--1", several in a row: the places of the two in the listing, which may
 * be in the wrong order. 0, -ERANGE, or -EINVAL: it is no such word. */
int catalog_find_range(const struct catalog *catalog, const char *word, long *first, long *last);

/* The recordings that a command is to work on. */
struct selection {
	struct catalog catalog; /* opened when a word asks for it */
	const char **paths;
	size_t n;
};

/* For a command: the paths that its words mean, the newest recording when there are none. All words
 * are looked up in one listing. Says what cannot be found, once. -1 to go on, else the exit status;
 * either way selection_free follows. */
int selection_make(struct selection *selection, char *const words[], size_t n);
void selection_free(struct selection *selection);
