/* Reads a pickle, Python's own format for objects, as far as plain data goes: dicts, lists, tuples,
 * texts, numbers. Nothing is executed: what would make an object of a class, or call anything, is
 * refused by its name. No tree is built either: whoever reads is told of the items of a container
 * as they are put in, and keeps of each container one number.
 *
 * The opcodes are those of protocols 2 to 5 (CPython's Lib/pickletools.py describes them). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/profile/input.h"

/* Those of which the memo keeps any come first. */
enum pickle_kind { PICKLE_OTHER, PICKLE_TEXT, PICKLE_DICT, PICKLE_LIST, PICKLE_NUMBER };

struct pickle_value {
	uint8_t kind, role;
	bool filled;    /* a container into which something was put */
	uint32_t memo;  /* its number in the memo + 1; 0: none, or not any more */
	int64_t number; /* of a number, itself; else what the reader made of it, 0: nothing */
};

enum {
	PICKLE_ROLES = 16,           /* a role is below */
	PICKLE_NUMBERS = 1 << 26,    /* the number of a text or a container is below */
	PICKLE_TEXT_MOST = 4096 - 1, /* bytes; a longer text is passed over as 0 */
};

/* Where something stands: in a container of that role, under a key. */
struct pickle_place {
	int role;    /* 0: of none that is of interest, or of nothing */
	int64_t key; /* the number of the key's text; PICKLE_KEY: it is one itself; else 0 */
	bool top;    /* around it there is nothing */
};
enum { PICKLE_KEY = -1 };

/* Each gets the context first. */
struct pickle_use {
	/* A dict or list begins: its role, 0 for none. */
	int (*role)(void *context, enum pickle_kind kind, const struct pickle_place *place);
	/* A text: its number or -errno. It ends with NUL. */
	int64_t (*text)(void *context, const char *text, const struct pickle_place *place);
	/* Items of a container with a role; of a dict, key and value by turns. 0 or -errno. What is
	 * put into container->number is kept. */
	int (*items)(void *context, struct pickle_value *container,
		     const struct pickle_value *items, size_t n);
};

enum { PICKLE_WHY = 160 };

/* 0, or -errno: of reading, -ENOMEM, what a hook returned, or
 *   -ENODATA  it ends before its end
 *   -ENOTSUP  it holds more than plain data
 *   -EPROTO   it is damaged, or no pickle
 *   -E2BIG    more of something than any snapshot has
 * `why` tells of the last three what it was and where: "GLOBAL at byte 12". */
int pickle_read(struct profile_input *input, const struct pickle_use *use, void *context,
		char why[PICKLE_WHY]);

/* Do files of this kind begin so? Protocols 2 to 5. */
bool pickle_begins(const unsigned char head[2]);

/* Are these the first two bytes of a dict or a list in protocol 0 or 1, which is not read? */
bool pickle_is_old(const unsigned char head[2]);
