#include "plotter/chart/callers.h"

/* What has ended by then stands there no more. */
static void close_until(struct callers *c, int64_t us)
{
	for (int i = 0; i < c->n; i++)
		while (c->stacks[i].top >= 0 && c->stacks[i].until[c->stacks[i].top] <= us)
			c->stacks[i].top--;
}

/* The first stack whose innermost call may have made this one: of the depth above, if `next`, else
 * of any above. */
static int find(const struct callers *c, int64_t to, int level, bool next)
{
	for (int i = 0; i < c->n; i++) {
		int top = c->stacks[i].top;
		bool above = next ? top == level - 1 : top < level;
		if (above && (top < 0 || c->stacks[i].until[top] >= to))
			return i;
	}
	return -1;
}

int callers_place(struct callers *callers, int64_t from, int64_t to, int level)
{
	close_until(callers, from);
	int at = find(callers, to, level, true);
	if (at < 0)
		at = find(callers, to, level, false);
	if (at < 0) {
		if (callers->n == CALLERS_MOST)
			return -1;
		at = callers->n++;
		callers->stacks[at].top = -1;
	}
	for (int i = callers->stacks[at].top + 1; i < level; i++)
		callers->stacks[at].until[i] = INT64_MIN;
	callers->stacks[at].until[level] = to;
	callers->stacks[at].top = level;
	return at;
}

void callers_show(struct callers *callers, int stack, int level)
{
	callers->stacks[stack].shown |= UINT32_C(1) << level;
}

int callers_level(const struct callers *callers, int stack, int level)
{
	uint32_t above = (UINT32_C(1) << level) - 1;
	int n = __builtin_popcount(callers->stacks[stack].shown & above);
	for (int i = 0; i < stack; i++)
		n += __builtin_popcount(callers->stacks[i].shown);
	return n;
}
