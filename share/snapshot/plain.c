#include "share/snapshot/plain.h"

#include <endian.h>
#include <string.h>

enum { WIDEST = 8, LONGEST = 1 + 1 + WIDEST }; /* of the operations here */

static inline uint64_t word_at(const unsigned char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* What is read and made: copies, since what is written to the stack could be any of it, as far as
 * a compiler knows. */
struct run {
	const unsigned char *at;
	struct pickle_value *next;
	struct memo memo;
};

static inline bool recall(struct run *r, uint32_t number, size_t length)
{
	if (number >= r->memo.n)
		return false;
	*r->next++ = stack_value_of(memo_at(&r->memo, number));
	r->at += length;
	return true;
}

static inline bool make(struct run *r, int64_t number, size_t length)
{
	*r->next++ = (struct pickle_value){ .kind = PICKLE_NUMBER, .number = number };
	r->at += length;
	return true;
}

/* False: it is another operation, or needs a longer look. */
static inline bool run_one(struct run *r)
{
	const unsigned char *at = r->at;
	switch (at[0]) {
	case 'j': return recall(r, (uint32_t)word_at(at + 1), 5);
	case 'h': return recall(r, at[1], 2);
	case 'K': return make(r, at[1], 2);
	case 'M': return make(r, (int64_t)(word_at(at + 1) & UINT16_MAX), 3);
	case 'J': return make(r, (int32_t)word_at(at + 1), 5);
	case 0x8a:
		return at[1] > 0 && at[1] <= WIDEST &&
		       make(r, plain_signed(word_at(at + 2), at[1]), 2u + at[1]);
	default: return false;
	}
}

void plain_run(struct bytes *bytes, struct stack *stack)
{
	struct run r = { bytes->at, stack->values + stack->n, stack->memo };
	const unsigned char *end = bytes->end;
	const struct pickle_value *room = stack->values + stack->room;
	/* A list of frames is of values of the memo: nothing else is met so often. */
	while (end - r.at >= LONGEST && r.next < room && run_one(&r))
		while (end - r.at >= LONGEST && r.next < room && *r.at == 'j' &&
		       recall(&r, (uint32_t)word_at(r.at + 1), 5))
			;
	bytes->at = r.at;
	stack->n = (size_t)(r.next - stack->values);
}
