/* Opening a recording: a file, a pipe, standard input, compressed or not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the bytes come from. `read` is read(2)'s: bytes, 0 at the end, or -errno. */
struct profile_input {
	ssize_t (*read)(void *handle, void *buffer, size_t size);
	void (*close)(void *handle);
	/* At the end: was it cut off, inside of what was compressed? NULL: it was not. */
	bool (*cut)(void *handle);
	void *handle;
	uid_t owner; /* of what is read, where it is `owned` by somebody */
	bool owned;
};

/* A program that can decompress sets this before it opens a .gz; it takes over the descriptor
 * (positioned at its start) and fills `read`, `close` and `handle`. Where it is NULL, a compressed
 * recording is -ENOTSUP. */
extern int (*profile_decompress)(struct profile_input *input, int fd);

/* "-" is standard input. Compression is told by content, not by name. A directory is -EISDIR. */
int profile_open(struct profile_input *input, const char *path);
void profile_close(struct profile_input *input);
