/* What stands where -o points: nothing of the user's is lost. A file is replaced when it is empty,
 * or when its first bytes tell that it was written by a command of ours that writes the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum replace_kind {
	REPLACE_RECORDING, /* ours or memory_profiler's */
	REPLACE_PICTURE,   /* whatever plot writes: pictures, and what export writes */
	REPLACE_REPORT,    /* growth by line, as text or json */
	REPLACE_MERGED,    /* many recordings in one, compressed or not */
};

/* May `path` be replaced by something of this kind? 0: it may, or there is nothing, or something
 * that is written in place (a device, a pipe). -EEXIST: it is something else. Otherwise -errno: it
 * cannot be told. `fd` is the descriptor that will be written through, which must be the very file;
 * -1: it will be replaced by name. */
int replace_allows(const char *path, enum replace_kind kind, int fd);

/* Is it the same file as one of the words, through links of both kinds, be it a whole word or what
 * stands behind its =? A NULL ends the words. What is no regular file never is. */
bool replace_is_among(const char *path, const char *const words[]);

/* Is it the same file as standard input, or with `output`, as what output goes to? */
bool replace_is_stream(const char *path, bool output);
