/* The pane beneath: what each node holds, against what it allows. */
#pragma once

struct chart;
struct many;

/* 0 or -ENOMEM. */
int beneath_show(struct chart *chart, struct many *many);
