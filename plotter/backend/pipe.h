/* A program that is fed through its standard input and heard through its output: no temporary file,
 * no deadlock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct pipe_program {
	pid_t pid; /* 0: not started */
	int in, out, err;
	char complaint[512]; /* the first line that it wrote to standard error */
};

/* Starts argv[0], found in PATH. `detached`: it outlives us, in a session of its own, and its
 * output is nobody's. 0 or -errno. */
int pipe_start(struct pipe_program *program, char *const argv[], bool detached);

/* Feeds it `size` bytes, copies what it says into `out` until it ends, and reaps it. 0; -EIO when
 * it failed (see complaint); or -errno. */
int pipe_run(struct pipe_program *program, const char *bytes, size_t size, FILE *out);
