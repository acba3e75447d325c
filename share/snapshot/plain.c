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

static inline void make_number(struct pickle_value *value, int64_t number)
{
	*value = (struct pickle_value){ .kind = PICKLE_NUMBER, .number = number };
}

/* Values of the memo, as a list of frames is: nothing else is met so often. */
static inline const unsigned char *run_gets(const unsigned char *at, const unsigned char *end,
					    const struct memo *memo, struct pickle_value **next,
					    const struct pickle_value *room)
{
	struct pickle_value *value = *next;
	for (; end - at >= LONGEST && value < room && *at == 'j'; at += 5) {
		uint32_t number = (uint32_t)word_at(at + 1);
		if (number >= memo->n)
			break;
		*value++ = stack_value_of(memo_get(memo, number));
	}
	*next = value;
	return at;
}

/* One of them: how many bytes it has, 0 where it is another, or needs a longer look. */
static inline size_t run_plain(const unsigned char *at, const struct memo *memo,
			       struct pickle_value *value)
{
	uint32_t number = at[1];
	switch (at[0]) {
	case 'j':
		number = (uint32_t)word_at(at + 1);
		/* fall through */
	case 'h':
		if (number >= memo->n)
			return 0;
		*value = stack_value_of(memo_get(memo, number));
		return at[0] == 'j' ? 5 : 2;
	case 'K': make_number(value, number); return 2;
	case 'M': make_number(value, (int64_t)(word_at(at + 1) & UINT16_MAX)); return 3;
	case 'J': make_number(value, (int32_t)word_at(at + 1)); return 5;
	case 0x8a:
		if (number == 0 || number > WIDEST)
			return 0;
		make_number(value, plain_signed(word_at(at + 2), number));
		return 2 + number;
	default: return 0;
	}
}

void plain_run(struct bytes *bytes, struct stack *stack)
{
	const unsigned char *at = bytes->at, *end = bytes->end;
	struct pickle_value *next = stack->values + stack->n;
	const struct pickle_value *room = stack->values + stack->room;
	size_t n = 1;
	while (n > 0) {
		at = run_gets(at, end, &stack->memo, &next, room);
		if (end - at < LONGEST || next == room)
			break;
		n = run_plain(at, &stack->memo, next);
		at += n;
		next += n > 0;
	}
	bytes->at = at;
	stack->n = (size_t)(next - stack->values);
}
