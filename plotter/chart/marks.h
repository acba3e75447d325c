/* The moments that the program named. */
#pragma once

#include "plotter/chart/chart.h"

/* 0 or -ENOMEM. */
int marks_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish);

/* The one at which several recordings meet. */
int marks_show_meeting(struct chart *chart, const struct chart_wish *wish);
