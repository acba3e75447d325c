/* The bytes of an input, in blocks: what is read stands whole in memory, the rest has gone by. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/profile/input.h"

enum { BYTES_MOST = 4096 }; /* that may be asked for at a time */

struct bytes {
	struct profile_input *input;
	unsigned char *block; /* owned */
	const unsigned char *at, *end;
	uint64_t before; /* of the input, before the block */
};

int bytes_open(struct bytes *bytes, struct profile_input *input); /* 0 or -ENOMEM */
void bytes_close(struct bytes *bytes);

/* Reads on until n bytes, at most BYTES_MOST, stand at `at`. 0, -errno of reading, or -ENODATA: the
 * input ends before. */
int bytes_more(struct bytes *bytes, size_t n);

static inline int bytes_need(struct bytes *bytes, size_t n)
{
	return (size_t)(bytes->end - bytes->at) >= n ? 0 : bytes_more(bytes, n);
}

/* Passes over n bytes. As above. */
int bytes_skip(struct bytes *bytes, uint64_t n);

/* How many have gone by. */
static inline uint64_t bytes_told(const struct bytes *bytes)
{
	return bytes->before + (uint64_t)(bytes->at - bytes->block);
}
