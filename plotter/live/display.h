/* The terminal, taken over and given back: its other screen, no echo, keys as they are pressed.
 * Whatever ends us gives it back, but for SIGKILL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct display {
	int in, out;           /* descriptors of our own; -1: none */
	int width, height;     /* cells */
	struct termios before; /* as it was */
	bool inside;           /* it is taken over */
	bool tells_progress;
	char *shown; /* the frame that it shows; NULL: not known */
	char *queue; /* what it has not yet taken */
	size_t queued, sent;
};

#define DISPLAY_NONE                \
	{                           \
		.in = -1, .out = -1 \
	}

/* Is standard output one that can show a screen? */
bool display_is_there(void);

/* Finds it; nothing is changed. 0 or -errno; display_close in any case. */
int display_open(struct display *terminal);
void display_close(struct display *terminal);

/* In the background this stops us, as is the custom. 0 or -errno. */
int display_enter(struct display *terminal);
void display_leave(struct display *terminal);

/* Asks how large it is; true: that has changed. */
bool display_measure(struct display *terminal);

/* Everything is to be drawn again. */
void display_forget(struct display *terminal);

/* Draws the rows of `text` that have changed, as far as it takes them; nothing, as long as it has
 * not taken what was drawn before. Takes the text. percent: of progress; -1: none. 0 or -errno. */
int display_show(struct display *terminal, char *text, int percent);

/* Goes on with that. 0 or -errno: nobody is there any more. */
int display_flush(struct display *terminal);

static inline bool display_is_busy(const struct display *terminal)
{
	return terminal->sent < terminal->queued;
}
