#include "share/nearest.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t smaller = a < b ? a : b;
	return smaller < c ? smaller : c;
}

/* Optimal string alignment: insertions, deletions, substitutions and swapped neighbours cost one
 * each. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[LONGEST + 1][LONGEST + 1];
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1, d[i][j]);
		}
	return d[n][m];
}

const char *nearest(const char *word, const char *const *candidates)
{
	size_t n = strlen(word), best = n / 3 + 2;
	const char *found = NULL;
	if (n == 0 || n > LONGEST)
		return NULL;
	for (; *candidates; candidates++) {
		size_t m = strlen(*candidates);
		if (m > LONGEST)
			continue;
		if (n >= 3 && strncmp(word, *candidates, n) == 0)
			return *candidates;
		size_t d = distance(word, n, *candidates, m);
		if (d < best && d < m) {
			best = d;
			found = *candidates;
		}
	}
	return found;
}
