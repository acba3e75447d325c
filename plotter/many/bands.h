/* Many as a band, with those that stand out as curves of their own, and their nodes beneath. */
#pragma once

struct chart;
struct many;

/* 0 or -ENOMEM. */
int bands_show(struct chart *chart, struct many *many);
