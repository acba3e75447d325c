/* What many recordings come to, as a chart. */
#pragma once

struct chart;
struct many;

/* The chart borrows from `many`. 0 or -ENOMEM. */
int many_chart(struct chart *chart, struct many *many);
