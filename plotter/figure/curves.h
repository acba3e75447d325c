/* The curves of one of a figure's panes, and the areas behind them. */
#pragma once

#include <stdbool.h>

struct sheet;

void curves_draw(const struct sheet *sheet, bool below);
