/* What a terminal answers when it is asked what it can do: read byte by byte, for it may come in
 * pieces, with what the user types in between. Touches no terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ANSWER_LONGEST = 64 };

/* Zeroed at the start. */
struct answer {
	bool done; /* the last question is answered; every terminal answers that one */
	bool kitty, sixel;
	bool dark;                   /* its paper */
	int cell_width, cell_height; /* pixels; 0: not told */
	int registers;               /* how many colours a sixel picture may have; 0: not told */
	char held[ANSWER_LONGEST];   /* of a sequence that has not ended yet */
	size_t n;
};

/* The questions, the last of which every terminal answers. */
extern const char answer_questions[];

/* How many of the bytes in `held` turn out to be no answer: keys, which were typed; held[0…]. */
size_t answer_take(struct answer *answer, char byte);
