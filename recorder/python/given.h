/* What a library of ours is brought in by, its place in LD_PRELOAD and a variable of its own, in an
 * environment that a program hands on: taken out where the program would see it, put back where its
 * child is to have it. Nothing here allocates, as after vfork(2) nothing may. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define GIVEN_LIST "LD_PRELOAD"

struct given {
	const char *library; /* its path */
	const char *setting; /* "NAME=…", as we were started */
};

/* NULL: it is not there. */
const char *given_value(char *const list[], const char *name);

/* A list of libraries without that one; `out` has room for all of it. "": nothing is left. */
void given_without(const char *libraries, const char *library, char *out);

/* Bytes of room for that environment with what is missing in it. 0: it is to stay as it is: it has
 * all, or is none, or so long that the room for it might not be there on a stack. */
size_t given_room(const struct given *given, char *const list[]);

/* In so much room, with our library first: as long as that and `list` are there. */
char **given_complete(const struct given *given, char *const list[], void *room);
