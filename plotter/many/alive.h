/* How many of many live, as a lane above the picture. */
#pragma once

struct chart;
struct many;

/* 0 or -ENOMEM. */
int alive_show(struct chart *chart, struct many *many);
