/* The plot command of a gnuplot script, and its data: the last of it. */
#pragma once

struct script;

void gnuplot_curves(struct script *s);
