/* A chart's image in a gnuplot script, and the scale of its colours. */
#pragma once

struct script;

void gnuplot_heat(struct script *s);
