/* What the recorder and mprof-c-native say to each other: messages over a socket that keeps them
 * apart (SOCK_SEQPACKET), whose end is the end of the helper. Both are of one build: if not, the
 * helper goes at once. Texts end in NUL. */
#pragma once

#include <stdint.h>

#include "recorder/tree/fault.h"

enum { NATIVE_WIRE = 2, NATIVE_SOCKET = 3 };

enum {
	NATIVE_STACK = 64 << 10, /* bytes of a stack that are looked at, at most */
	NATIVE_FRAMES = 256,     /* of an answer, at most: the innermost */
	NATIVE_TEXT = 4096,
	NATIVE_MESSAGE = NATIVE_STACK + 1024,
};

enum native_word {
	/* To the helper. */
	NATIVE_FORK, /* pid, parent */
	NATIVE_EXEC, /* pid: what was told of its maps is void */
	NATIVE_MAP,  /* pid, map; text: the path */
	NATIVE_EXIT, /* pid */
	NATIVE_LOST, /* what was told of anybody may have holes */
	NATIVE_ASK,  /* pid, ask; then so many bytes of stack */
	NATIVE_NAME, /* pid, place; text: the path. It is answered as the others are */

	/* From the helper. */
	NATIVE_FRAME,  /* frame; text: the path, then the function */
	NATIVE_ANSWER, /* answer; then so many numbers of frames, uint32_t, innermost first */
	NATIVE_HINT,   /* text: the path of a binary, then what would name more of it */
};

struct native_head {
	uint32_t word;
	int32_t pid;
};

struct native_fork {
	struct native_head head;
	int32_t parent;
};

struct native_map {
	struct native_head head;
	uint64_t start, length, offset; /* bytes */
	char path[];
};

struct native_question {
	struct native_head head;
	uint64_t ticket;
	uint64_t registers[FAULT_REGISTERS];
	uint32_t n_stack; /* bytes */
	uint32_t in_kernel;
	uint8_t stack[];
};

/* An address that a call returns to, and the map that it lies in, as the process had it: it may
 * have ended since. */
struct native_place {
	struct native_head head;
	uint64_t ticket;
	uint64_t address, start, length, offset;
	char path[];
};

struct native_new_frame {
	struct native_head head;
	uint32_t number; /* they are told in order, from 0 on, each once */
	int32_t line;
	char texts[];
};

struct native_reply {
	struct native_head head;
	uint64_t ticket;
	uint32_t n;
	uint32_t python; /* what is outward of them is Python */
	uint32_t frames[];
};

struct native_advice {
	struct native_head head;
	char texts[];
};
