/* The Python stack of this very thread, from inside: memory is read as it lies there, without a
 * call of the kernel or of Python. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct python_frame {
	uint64_t code;
	int64_t offset; /* of the instruction in its bytecode, bytes */
};

enum { PYTHON_INNERMOST = 32, PYTHON_OUTERMOST = 16 };

struct python_frames {
	struct python_frame all[PYTHON_INNERMOST + PYTHON_OUTERMOST]; /* innermost first */
	size_t n;
	size_t left_out; /* frames behind the PYTHON_INNERMOST first */
};

/* false: the thread runs no Python, or nothing can be told. What is found lives until the thread
 * goes on. */
bool python_frames_read(struct python_frames *frames);

/* There is a Python, and its frames cannot be read. */
bool python_frames_refused(void);
