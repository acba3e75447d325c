/* The memo of a pickle: values by number, of which most are of no interest and take no room. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MEMO_PAGE = 4096, MEMO_MOST = 1 << 30, MEMO_PAGES = 1 << 15 }; /* of 16 KiB each */

struct memo {
	uint32_t **pages; /* by number / MEMO_PAGE; those of nothing but zeros are all the same */
	size_t n_pages, used;
	uint32_t n; /* the number that follows the highest */
};

/* 0, -ENOMEM, or -E2BIG beyond what any snapshot has. */
int memo_put(struct memo *memo, uint32_t number, uint32_t value);
void memo_free(struct memo *memo);

/* 0 where nothing was put. Of a number below `n`. */
static inline uint32_t memo_at(const struct memo *memo, uint32_t number)
{
	return memo->pages[number / MEMO_PAGE][number % MEMO_PAGE];
}

/* The same of any. */
static inline uint32_t memo_get(const struct memo *memo, uint32_t number)
{
	return number < memo->n ? memo_at(memo, number) : 0;
}
