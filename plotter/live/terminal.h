/* The terminal, taken over and given back: its other screen, no echo, keys as they are pressed.
 * Whatever ends us gives it back, but for SIGKILL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct terminal {
	int in, out;           /* descriptors of our own; -1: none */
	int width, height;     /* cells */
	struct termios before; /* as it was */
	bool inside;           /* it is taken over */
	bool tells_progress;
	char *shown; /* the frame that it shows; NULL: not known */
	char *queue; /* what it has not yet taken */
	size_t queued, sent;
};

#define TERMINAL_NONE               \
	{                           \
		.in = -1, .out = -1 \
	}

/* Is standard output one that can show a screen? */
bool terminal_is_there(void);

/* Finds it; nothing is changed. 0 or -errno; terminal_close in any case. */
int terminal_open(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* In the background this stops us, as is the custom. 0 or -errno. */
int terminal_enter(struct terminal *terminal);
void terminal_leave(struct terminal *terminal);

/* Asks how large it is; true: that has changed. */
bool terminal_measure(struct terminal *terminal);

/* Everything is to be drawn again. */
void terminal_forget(struct terminal *terminal);

/* Draws the rows of `text` that have changed, as far as it takes them; nothing, as long as it has
 * not taken what was drawn before. Takes the text. percent: of progress; -1: none. 0 or -errno. */
int terminal_show(struct terminal *terminal, char *text, int percent);

/* Goes on with that. 0 or -errno: nobody is there any more. */
int terminal_flush(struct terminal *terminal);

static inline bool terminal_is_busy(const struct terminal *terminal)
{
	return terminal->sent < terminal->queued;
}
