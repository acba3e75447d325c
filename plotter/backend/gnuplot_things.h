/* What stands in a gnuplot script's plot beside the curves: calls, limits, marks, peaks. */
#pragma once

struct script;

void gnuplot_things(struct script *s);
