/* A chart's image, and what its colours mean. */
#pragma once

struct sheet;

void heat_draw(const struct sheet *sheet);
