#include "plotter/chart/marks.h"

#include <errno.h>
#include <math.h>
#include <signal.h>

#include "share/array.h"

enum { MOST_MARKS = 200 }; /* beyond, a picture shows only lines: one a column */

static bool is_shown(double x, const struct chart_wish *wish)
{
	return wish->from == wish->to || (x >= wish->from && x <= wish->to);
}

/* Where the run ended, if the curve ends so much before it that one could take it for the end. */
static int add_end(struct chart *chart, const struct profile *profile,
		   const struct chart_wish *wish)
{
	static const double FAR = 0.04; /* in parts of the whole */
	double last = sample_seconds(profile->memory.last.us - profile->start_us);
	if (profile->memory.samples == 0 || chart->end - last <= FAR * chart->end ||
	    !is_shown(chart->end, wish))
		return 0;
	struct chart_mark *mark = array_more(&chart->marks, &chart->n_marks, sizeof *mark);
	if (!mark)
		return -ENOMEM;
	*mark = (struct chart_mark){ chart->end, profile->status == -SIGKILL ? "killed" : "end",
				     true };
	return 0;
}

int marks_show_meeting(struct chart *chart, const struct chart_wish *wish)
{
	if (!wish->meeting || !is_shown(wish->meets, wish))
		return 0;
	struct chart_mark *mark = array_more(&chart->marks, &chart->n_marks, sizeof *mark);
	if (!mark)
		return -ENOMEM;
	*mark = (struct chart_mark){ wish->meets, wish->meeting };
	return 0;
}

static double seconds_of(const struct profile *profile, size_t i)
{
	return sample_seconds(profile->marks[i].at.us - profile->start_us);
}

/* Of very many, those that fall onto the column of the one before are its; 0: all are drawn. */
static double least_apart(const struct profile *profile, const struct chart_wish *wish)
{
	double first = INFINITY, last = -INFINITY;
	size_t n = 0;
	for (size_t i = 0; i < profile->n_marks; i++) {
		double x = seconds_of(profile, i);
		if (!is_shown(x, wish))
			continue;
		first = fmin(first, x);
		last = fmax(last, x);
		n++;
	}
	return n <= MOST_MARKS
		       ? 0
		       : (last - first) / (double)(wish->columns ? wish->columns : MOST_MARKS);
}

int marks_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish)
{
	double least = least_apart(profile, wish), before = -INFINITY;
	for (size_t i = 0; i < profile->n_marks; i++) {
		double x = seconds_of(profile, i);
		if (!is_shown(x, wish) || fabs(x - before) < least)
			continue;
		struct chart_mark *mark = array_more(&chart->marks, &chart->n_marks, sizeof *mark);
		if (!mark)
			return -ENOMEM;
		*mark = (struct chart_mark){ x, profile->marks[i].label, false };
		before = x;
	}
	return add_end(chart, profile, wish);
}
