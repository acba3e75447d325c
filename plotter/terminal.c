#include "plotter/terminal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plotter/backend/backend.h"
#include "plotter/figure/canvas.h"
#include "plotter/screen/ask.h"
#include "share/environment.h"

enum { SOON = 200, FROM_AFAR = 1000, LATE = 400 }; /* milliseconds */

static bool begins(const char *name, const char *const words[])
{
	const char *value = getenv(name);
	for (; value && *words; words++)
		if (strncmp(value, *words, strlen(*words)) == 0)
			return true;
	return false;
}

/* Those that hand on nothing but text, those that would print the question, and where nobody looks.
 */
static bool may_be_asked(void)
{
	static const char *const silent[] = { "dumb", "linux", "screen", "tmux", NULL };
	static const char *const printing[] = { "Apple_Terminal", NULL };
	return environment_word("TERM") && !begins("TERM", silent) &&
	       !begins("TERM_PROGRAM", printing) && !environment_word("TMUX") &&
	       !environment_word("STY") && !environment_word("CI") && !environment_word("NO_COLOR");
}

/* iTerm2's protocol has no question; who knows it says its name. */
static bool is_like_iterm(void)
{
	static const char *const programs[] = { "iTerm.app", "WezTerm", "mintty", NULL };
	static const char *const iterm[] = { "iTerm2", NULL };
	return begins("TERM_PROGRAM", programs) || begins("LC_TERMINAL", iterm);
}

/* The user's word goes before the terminal's. */
static bool is_told(struct terminal *terminal)
{
	const char *name = getenv("MPROF_TERMINAL");
	const struct backend *backend = name ? backend_by_name(name) : NULL;
	if (!backend || !(backend->inlaid || backend->cells))
		return false;
	terminal->backend = backend->inlaid ? backend : NULL;
	return true;
}

void terminal_find(struct terminal *terminal)
{
	struct answer *answer = &terminal->answer;
	if (is_told(terminal) || !may_be_asked())
		return;
	int r = ask_terminal(answer, environment_word("SSH_TTY") ? FROM_AFAR : SOON);
	terminal->unanswered = r == -ETIMEDOUT;
	if (r < 0)
		return;
	terminal->dark = answer->dark;
	terminal->cell_width = answer->cell_width;
	terminal->cell_height = answer->cell_height;
	terminal->registers = (size_t)answer->registers;
	terminal->backend = backend_by_name(answer->kitty     ? "kitty"
					    : is_like_iterm() ? "iterm"
					    : answer->sixel   ? "sixel"
							      : "");
}

/* The picture is there by now: nobody waits for it, and an answer would be typed at the prompt. */
void terminal_leave(struct terminal *terminal)
{
	if (terminal->unanswered)
		ask_again(&terminal->answer, LATE);
	terminal->unanswered = false;
}

void terminal_measure(const struct terminal *terminal, struct canvas *canvas)
{
	enum { TEXT = 18, PROMPT = 2 }; /* pixels of a line of text at 96 dpi; rows */
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2 || size.ws_row <= PROMPT)
		return;
	double w = terminal->cell_width, h = terminal->cell_height;
	if (size.ws_xpixel > 0 && size.ws_ypixel > 0) {
		w = (double)size.ws_xpixel / size.ws_col;
		h = (double)size.ws_ypixel / size.ws_row;
	}
	if (w <= 0 || h <= 0) {
		w = TEXT / 2;
		h = TEXT;
	}
	double shape = canvas->height / canvas->width;
	canvas->columns = size.ws_col - 1;
	canvas->width = floor(fmin(fmax(canvas->columns * w, 64), 4096));
	canvas->height = floor(fmin(canvas->width * shape, (size.ws_row - PROMPT) * h));
	canvas->height = fmax(canvas->height, 64);
	canvas->scale = fmin(fmax(h / TEXT, 0.5), 4);
	canvas->dpi = 96 * canvas->scale;
	canvas->registers = terminal->registers;
}
