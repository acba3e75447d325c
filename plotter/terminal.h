/* Which pictures the terminal shows that this program stands in, and how large it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plotter/screen/answer.h"

struct backend;
struct canvas;

struct terminal {
	const struct backend *backend; /* that draws pictures in it; NULL: none does */
	int cell_width, cell_height;   /* pixels; 0: not told */
	size_t registers;              /* colours that it can show at once; 0: not told */
	bool dark;                     /* its paper */
	bool unanswered;               /* an answer may yet come … */
	struct answer answer;          /* … and so much of it has */
};

/* Asks it where that can be done: not in tmux or screen, which do not show what it shows. */
void terminal_find(struct terminal *terminal);

/* At the end: what came too late is no input for whoever reads next. */
void terminal_leave(struct terminal *terminal);

/* As wide as the terminal's columns, and no higher than its rows. */
void terminal_measure(const struct terminal *terminal, struct canvas *canvas);
