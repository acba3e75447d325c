/* Many as a band, with those that stand out as curves of their own, and their nodes beneath. */
#pragma once

struct chart;
struct many;

/* The colour of the band, and of the median's curve in it. */
enum { BANDS_MIDDLE = 0 };

/* 0 or -ENOMEM. */
int bands_show(struct chart *chart, struct many *many);
