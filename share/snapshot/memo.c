#include "share/snapshot/memo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int reach(struct memo *memo, size_t page)
{
	size_t n = memo->n_pages ? memo->n_pages : 64;
	while (n <= page)
		n *= 2;
	uint32_t **pages = realloc(memo->pages, n * sizeof *pages);
	if (!pages)
		return -ENOMEM;
	memset(pages + memo->n_pages, 0, (n - memo->n_pages) * sizeof *pages);
	memo->pages = pages;
	memo->n_pages = n;
	return 0;
}

static int make_page(struct memo *memo, size_t page)
{
	if (memo->used == MEMO_PAGES)
		return -E2BIG;
	int r = page < memo->n_pages ? 0 : reach(memo, page);
	if (r < 0)
		return r;
	memo->pages[page] = calloc(MEMO_PAGE, sizeof **memo->pages);
	if (!memo->pages[page])
		return -ENOMEM;
	memo->used++;
	return 0;
}

int memo_put(struct memo *memo, uint32_t number, uint32_t value)
{
	size_t page = number / MEMO_PAGE;
	if (number >= MEMO_MOST)
		return -E2BIG;
	if (number >= memo->n)
		memo->n = number + 1;
	if (page >= memo->n_pages || !memo->pages[page]) {
		int r = value ? make_page(memo, page) : 0;
		if (r < 0 || !value)
			return r;
	}
	memo->pages[page][number % MEMO_PAGE] = value;
	return 0;
}

void memo_free(struct memo *memo)
{
	for (size_t i = 0; i < memo->n_pages; i++)
		free(memo->pages[i]);
	free(memo->pages);
	*memo = (struct memo){ 0 };
}
