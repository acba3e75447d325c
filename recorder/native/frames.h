/* Every place that was ever named, each once and with a number: only numbers go into an answer. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FRAMES_MOST = 1 << 18 }; /* beyond that there is one for all that is new */

struct frames {
	struct frame_text {
		char *path, *function;
		int line;
	} * items;
	size_t n;
	uint32_t *slots; /* by hash: number + 1 */
	size_t room;     /* a power of two */
	size_t told;     /* that the recorder knows */
};

/* Its number; UINT32_MAX: no memory. */
uint32_t frames_number(struct frames *frames, const char *path, const char *function, int line);
void frames_free(struct frames *frames);
