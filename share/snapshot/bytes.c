#include "share/snapshot/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 << 10 };

int bytes_open(struct bytes *bytes, struct profile_input *input)
{
	*bytes = (struct bytes){ .input = input, .block = malloc(BLOCK) };
	bytes->at = bytes->end = bytes->block;
	return bytes->block ? 0 : -ENOMEM;
}

void bytes_close(struct bytes *bytes)
{
	free(bytes->block);
	*bytes = (struct bytes){ 0 };
}

int bytes_more(struct bytes *bytes, size_t n)
{
	size_t left = (size_t)(bytes->end - bytes->at);
	bytes->before += (uint64_t)(bytes->at - bytes->block);
	memmove(bytes->block, bytes->at, left);
	bytes->at = bytes->block;
	bytes->end = bytes->block + left;
	while ((size_t)(bytes->end - bytes->at) < n) {
		size_t used = (size_t)(bytes->end - bytes->block);
		ssize_t got =
			bytes->input->read(bytes->input->handle, bytes->block + used, BLOCK - used);
		if (got <= 0)
			return got < 0 ? (int)got : -ENODATA;
		bytes->end += got;
	}
	return 0;
}

int bytes_skip(struct bytes *bytes, uint64_t n)
{
	for (;;) {
		size_t left = (size_t)(bytes->end - bytes->at);
		size_t step = n < left ? (size_t)n : left;
		bytes->at += step;
		n -= step;
		int r = n > 0 ? bytes_more(bytes, 1) : 0;
		if (r < 0 || n == 0)
			return r;
	}
}
