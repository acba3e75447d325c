#include "plotter/chart/marks.h"

#include <errno.h>

#include "share/array.h"

enum { MOST_MARKS = 200 }; /* beyond, a picture shows only lines */

int marks_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish)
{
	for (size_t i = 0; i < profile->n_marks && chart->n_marks < MOST_MARKS; i++) {
		double x = sample_seconds(profile->marks[i].at.us - profile->start_us);
		bool windowed = wish->from != wish->to;
		if (windowed && (x < wish->from || x > wish->to))
			continue;
		struct chart_mark *mark = array_more(&chart->marks, &chart->n_marks, sizeof *mark);
		if (!mark)
			return -ENOMEM;
		*mark = (struct chart_mark){ x, profile->marks[i].label };
	}
	return 0;
}
