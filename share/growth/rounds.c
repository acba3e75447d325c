#include "share/growth/rounds.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/curve.h"
#include "share/profile/profile.h"

enum {
	FEWEST = 10, /* marks of one name, so that enough are left behind the warm-up */
	NAMES = 8,   /* so many different ones are counted */
};

/* The name without what counts: "epoch" of "epoch 12". */
static size_t length_of(const char *label)
{
	size_t n = strlen(label), whole = n;
	while (n > 0 && strchr("0123456789", label[n - 1]))
		n--;
	while (n > 0 && n < whole && strchr(" \t_-#=:./", label[n - 1]))
		n--;
	return n ? n : whole;
}

static bool is_same(const char *a, const char *b)
{
	size_t n = length_of(a);
	return n == length_of(b) && memcmp(a, b, n) == 0;
}

static size_t count(const struct profile *p, const char *label)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_marks; i++)
		n += is_same(p->marks[i].label, label);
	return n;
}

static const char *find_name(const struct profile *p, size_t *n)
{
	const char *met[NAMES], *best = NULL;
	size_t n_met = 0;
	*n = 0;
	for (size_t i = 0; i < p->n_marks && n_met < NAMES; i++) {
		const char *label = p->marks[i].label;
		bool is_new = true;
		for (size_t k = 0; k < n_met; k++)
			is_new = is_new && !is_same(met[k], label);
		if (!is_new)
			continue;
		met[n_met++] = label;
		size_t of_it = count(p, label);
		if (of_it <= *n)
			continue;
		*n = of_it;
		best = label;
	}
	return best;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int rounds_find(struct answer *answer, char *name, size_t size, const struct profile *p,
		const struct curve *curve)
{
	size_t n, used = 0;
	const char *label = find_name(p, &n);
	*answer = (struct answer){ .kind = ANSWER_TOO_SHORT };
	*name = '\0';
	if (n < FEWEST)
		return 0;
	double *moments = malloc(n * sizeof *moments);
	if (!moments)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_marks && used < n; i++)
		if (is_same(p->marks[i].label, label))
			moments[used++] = sample_seconds(p->marks[i].at.us - p->start_us);
	qsort(moments, used, sizeof *moments, by_time);
	size_t length = length_of(label);
	length = length < size ? length : size - 1;
	memcpy(name, label, length);
	name[length] = '\0';
	int r = answer_find_by_rounds(answer, curve, moments, used);
	free(moments);
	return r;
}
