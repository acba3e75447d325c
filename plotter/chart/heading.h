/* What stands over a chart: whose memory it is, when that was and how it ended. */
#pragma once

#include "plotter/chart/chart.h"

/* Do all tell what command they are of, and the same one? */
bool heading_same_command(const struct profile *const profiles[], size_t n);

/* 0 or -ENOMEM. The subtitle tells of a limit only where no line does: after limits_show. */
int heading_title(struct chart *chart, const struct profile *const profiles[], size_t n,
		  const struct chart_wish *wish);
int heading_subtitle(struct chart *chart, const struct profile *const profiles[], size_t n,
		     const struct chart_wish *wish);
