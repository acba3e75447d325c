#include "share/bill.h"

#include <string.h>

#define WORD(id, word, ...)            [BILL_##id] = word,
#define NAME(id, word, name, ...)      [BILL_##id] = name,
#define MEANING(id, word, name, means) [BILL_##id] = means,

const char *const bill_words[BILL_CLASSES] = { BILL(WORD) };
const char *const bill_names[BILL_CLASSES] = { BILL(NAME) };
const char *const bill_meanings[BILL_CLASSES] = { BILL(MEANING) };

enum bill_class bill_find(const char *word)
{
	for (size_t i = 0; i < BILL_CLASSES; i++)
		if (strcmp(bill_words[i], word) == 0)
			return (enum bill_class)i;
	return BILL_UNTOLD;
}

int64_t bill_total(const struct bill *bill)
{
	int64_t total = 0;
	for (size_t i = 0; i < BILL_CLASSES; i++)
		if (!bill_is_beside((enum bill_class)i))
			total += bill->umib[i];
	return total;
}

size_t bill_sort(const struct bill *bill, enum bill_class sorted[BILL_CLASSES])
{
	size_t n = 0;
	for (size_t i = 0; i < BILL_CLASSES; i++) {
		if (bill->umib[i] <= 0)
			continue;
		size_t at = n++;
		for (; at > 0 && bill->umib[sorted[at - 1]] < bill->umib[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = (enum bill_class)i;
	}
	return n;
}

const char *bill_advice(enum bill_odd odd)
{
	static const char *const advice[] = {
		[BILL_PLAIN] = "",
		[BILL_KEPT_FREE] =
			"are kept free by malloc, and no leak: malloc_trim(0) gives them back "
			"where whole pages are free; in the environment MALLOC_ARENA_MAX=2 may "
			"keep less where several threads allocate, MALLOC_TRIM_THRESHOLD_=131072 "
			"where the top of the heap is free",
		[BILL_SPARE_FREE] = "are free in Python's arenas, each of which is kept while one "
				    "object in it lives: no leak, and used again by new objects",
		[BILL_OF_FILES] = "are pages of files, and go when memory is short: they are "
				  "counted, but not needed",
		[BILL_OF_SHARED] = "are shared memory, which stays until its file or segment is "
				   "removed and nobody has it mapped",
	};
	return advice[odd];
}

const char *bill_odd_word(enum bill_odd odd)
{
	static const char *const words[] = { "plain", "kept-free", "spare", "files", "shared" };
	return words[odd];
}

enum bill_odd bill_odd(const struct bill *bill, int64_t *umib)
{
	const int64_t *of = bill->umib;
	const int64_t parts[] = { [BILL_KEPT_FREE] = of[BILL_KEPT],
				  [BILL_SPARE_FREE] = of[BILL_SPARE],
				  [BILL_OF_FILES] = of[BILL_ARRAY] + of[BILL_FILE] + of[BILL_CACHE],
				  [BILL_OF_SHARED] = of[BILL_SHARED] };
	static const int64_t LEAST = 16000000; /* umib: nobody wonders at less */
	int64_t total = bill_total(bill);
	enum bill_odd odd = BILL_PLAIN;
	*umib = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i] >= LEAST && parts[i] >= total / 3 && parts[i] > *umib) {
			odd = (enum bill_odd)i;
			*umib = parts[i];
		}
	return odd;
}
