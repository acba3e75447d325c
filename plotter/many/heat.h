/* Many as one image: a row each, time to the right, by colour how much was held. */
#pragma once

struct chart;
struct many;

/* 0 or -ENOMEM. */
int heat_show(struct chart *chart, struct many *many);
