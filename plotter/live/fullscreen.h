/* The terminal, taken over and given back: its other screen, no echo, keys as they are pressed.
 * Whatever ends us gives it back, but for SIGKILL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct fullscreen {
	int in, out;           /* descriptors of our own; -1: none */
	int width, height;     /* cells */
	struct termios before; /* as it was */
	bool inside;           /* it is taken over */
	bool tells_progress;
	char *shown; /* the frame that it shows; NULL: not known */
	char *queue; /* what it has not yet taken */
	size_t queued, sent;
};

#define FULLSCREEN_NONE             \
	{                           \
		.in = -1, .out = -1 \
	}

/* Is standard output one that can show a screen? */
bool fullscreen_is_there(void);

/* Finds it; nothing is changed. 0 or -errno; fullscreen_close in any case. */
int fullscreen_open(struct fullscreen *screen);
void fullscreen_close(struct fullscreen *screen);

/* In the background this stops us, as is the custom. 0 or -errno. */
int fullscreen_enter(struct fullscreen *screen);
void fullscreen_leave(struct fullscreen *screen);

/* Asks how large it is; true: that has changed. */
bool fullscreen_measure(struct fullscreen *screen);

/* Everything is to be drawn again. */
void fullscreen_forget(struct fullscreen *screen);

/* Draws the rows of `text` that have changed, as far as it takes them; nothing, as long as it has
 * not taken what was drawn before. Takes the text. percent: of progress; -1: none. 0 or -errno. */
int fullscreen_show(struct fullscreen *screen, char *text, int percent);

/* Goes on with that. 0 or -errno: nobody is there any more. */
int fullscreen_flush(struct fullscreen *screen);

static inline bool fullscreen_is_busy(const struct fullscreen *screen)
{
	return screen->sent < screen->queued;
}
