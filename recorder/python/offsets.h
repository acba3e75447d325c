/* Where in its structures a version of CPython keeps what a stack reader needs: bytes from a
 * structure's start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/python/line_table.h"

struct offsets {
	int version; /* 0x030c: 3.12 */
	int runtime_head,
		runtime_current; /* current: the thread that holds the GIL; -1: not here */
	int interpreter_next, interpreter_threads, interpreter_gil;
	int gil_holder, gil_locked;
	int thread_next, thread_interpreter, thread_id, thread_native, thread_frame, cframe_frame;
	int frame_code, frame_back, frame_instruction, frame_owner;
	int frame_copy; /* which copy of the bytecode the frame runs; 0: there are none */
	int code_file, code_name, code_qualname, code_lines, code_first, code_bytes;
	int code_copies; /* of its bytecode, by threads; 0: there are none */
	int object_type, type_name;
	int text_length, text_state, text_ascii, text_wide;
	int bytes_size, bytes_data;
};

enum { OFFSETS_TOLD = 96 * 8 }; /* bytes that offsets_take looks at */

/* Versions that can be read, for those who are told of another. */
#define OFFSETS_READABLE "3.9 to 3.15"

/* Of 3.9 to 3.12, by version; NULL: not known. */
const struct offsets *offsets_of(int version);

/* What 3.13 and later tell themselves at the start of _PyRuntime (_Py_DebugOffsets). 0; -ENOENT: it
 * tells nothing; -ENOTSUP: a version that we do not know; -EINVAL: nonsense. offsets->version and
 * *free_threaded, of one whose threads run without a lock, are set where they were told. */
int offsets_take(struct offsets *offsets, const uint8_t told[OFFSETS_TOLD], bool *free_threaded);

enum line_table offsets_line_table(const struct offsets *offsets);
