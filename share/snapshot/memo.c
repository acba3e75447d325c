#include "share/snapshot/memo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Never written to. */
static uint32_t zeros[MEMO_PAGE];

/* Pages up to that one. */
static int reach(struct memo *memo, size_t page)
{
	size_t n = memo->n_pages ? memo->n_pages : 64;
	if (page < memo->n_pages)
		return 0;
	while (n <= page)
		n *= 2;
	uint32_t **pages = realloc(memo->pages, n * sizeof *pages);
	if (!pages)
		return -ENOMEM;
	for (size_t i = memo->n_pages; i < n; i++)
		pages[i] = zeros;
	memo->pages = pages;
	memo->n_pages = n;
	return 0;
}

static int make_page(struct memo *memo, size_t page)
{
	if (memo->used == MEMO_PAGES)
		return -E2BIG;
	uint32_t *made = calloc(MEMO_PAGE, sizeof *made);
	if (!made)
		return -ENOMEM;
	memo->pages[page] = made;
	memo->used++;
	return 0;
}

int memo_put(struct memo *memo, uint32_t number, uint32_t value)
{
	size_t page = number / MEMO_PAGE;
	int r = number < MEMO_MOST ? reach(memo, page) : -E2BIG;
	if (r == 0 && value && memo->pages[page] == zeros)
		r = make_page(memo, page);
	if (r < 0)
		return r;
	if (number >= memo->n)
		memo->n = number + 1;
	if (memo->pages[page] != zeros)
		memo->pages[page][number % MEMO_PAGE] = value;
	return 0;
}

void memo_free(struct memo *memo)
{
	for (size_t i = 0; i < memo->n_pages; i++)
		if (memo->pages[i] != zeros)
			free(memo->pages[i]);
	free(memo->pages);
	*memo = (struct memo){ 0 };
}
