/* What stands in a figure's plot with a label that must collide with no other: those that come
 * first have the better places. */
#pragma once

#include <stdbool.h>

struct sheet;

void labels_reserve(struct sheet *sheet);     /* what no label is to cover; before all others */
void labels_lines(const struct sheet *sheet); /* of marks, without their labels: under the curves */
void labels_limits(struct sheet *sheet);
void labels_notes(struct sheet *sheet);
void labels_marks(struct sheet *sheet, bool decisive); /* those that are, or those that are not */
