/* What stands in a screen's plot with a text: peaks, steps, limits, marks. Texts take only free
 * cells, but for a peak's. */
#pragma once

struct screen;

void tags_lines(struct screen *screen); /* of limits and marks: all may stand on them */
void tags_notes(struct screen *screen);
void tags_names(struct screen *screen); /* of the lines */
