#include "plotter/live/fullscreen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plotter/live/progress.h"
#include "share/environment.h"

/* Its other screen, cleared; no cursor; no wrapping at the edge. And all of that undone. */
#define ENTER "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J"
#define LEAVE "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
/* Between these two nothing is shown, where the terminal knows them: no half a frame. */
#define BEGIN "\x1b[?2026h"
#define END   "\x1b[?2026l"
#define ABORT "\x18" /* of a sequence that was cut off */

enum { PATIENCE = 1000 /* ms that a terminal is waited for which takes nothing */ };

/* ---- finding it ---- */

bool fullscreen_is_there(void)
{
	const char *name = environment_word("TERM");
	return isatty(STDOUT_FILENO) && name && strcmp(name, "dumb") != 0;
}

/* A description of our own: that nobody waits for a slow terminal is not to hold for others who
 * write to it. */
static int open_own(int fd, int flags)
{
	char name[128];
	int opened = ttyname_r(fd, name, sizeof name) == 0
			     ? open(name, flags | O_NOCTTY | O_CLOEXEC)
			     : -1;
	return opened >= 0 ? opened : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int fullscreen_open(struct fullscreen *t)
{
	*t = (struct fullscreen)FULLSCREEN_NONE;
	t->out = open_own(STDOUT_FILENO, O_WRONLY | O_NONBLOCK);
	t->in = isatty(STDIN_FILENO) ? open_own(STDIN_FILENO, O_RDONLY)
				     : open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (t->in < 0 && errno == ENXIO)
		t->in = open_own(STDOUT_FILENO, O_RDONLY); /* it is nobody's controlling one */
	if (t->out < 0 || t->in < 0)
		return -errno;
	t->tells_progress = progress_is_known();
	fullscreen_measure(t);
	return 0;
}

static void forget_queue(struct fullscreen *t)
{
	free(t->queue);
	t->queue = NULL;
	t->queued = t->sent = 0;
}

void fullscreen_close(struct fullscreen *t)
{
	fullscreen_leave(t);
	forget_queue(t);
	free(t->shown);
	if (t->in >= 0)
		close(t->in);
	if (t->out >= 0)
		close(t->out);
	*t = (struct fullscreen)FULLSCREEN_NONE;
}

bool fullscreen_measure(struct fullscreen *t)
{
	enum { MOST = 1000 };
	struct winsize size = { 0 };
	int width = 80, height = 24;
	if (ioctl(t->out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
		width = size.ws_col < MOST ? size.ws_col : MOST;
		height = size.ws_row < MOST ? size.ws_row : MOST;
	}
	bool changed = width != t->width || height != t->height;
	t->width = width;
	t->height = height;
	return changed;
}

/* ---- a crash ---- */

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
static const struct fullscreen *crashing;

/* Only what a handler may do. The signal comes again, to its usual end. */
static void on_crash(int number)
{
	if (crashing) {
		ssize_t ignored = write(crashing->out, ABORT LEAVE, sizeof ABORT LEAVE - 1);
		(void)ignored;
		tcsetattr(crashing->in, TCSANOW, &crashing->before);
		crashing = NULL;
	}
	raise(number);
}

static void watch_crashes(const struct fullscreen *t)
{
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND };
	crashing = t;
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		sigaction(crashes[i], &action, NULL);
}

/* ---- taking it and giving it back ---- */

/* All of it, though what it takes is slow. */
static void write_patiently(const struct fullscreen *t, const char *text)
{
	size_t n = strlen(text);
	struct pollfd ready = { .fd = t->out, .events = POLLOUT };
	while (n > 0 && poll(&ready, 1, PATIENCE) == 1 && ready.revents == POLLOUT) {
		ssize_t written = write(t->out, text, n);
		if (written < 0 && errno != EAGAIN && errno != EINTR)
			return;
		text += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
	}
}

/* What it has not taken of one. */
static void drop_frame(struct fullscreen *t)
{
	if (fullscreen_is_busy(t))
		write_patiently(t, ABORT END);
	forget_queue(t);
}

/* Signals stay as they are: Ctrl-C and Ctrl-Z are the terminal's. Once inside, whoever stopped us
 * without a word (SIGSTOP) may have taken the terminal, and left it as it likes. */
int fullscreen_enter(struct fullscreen *t)
{
	if (!t->inside && tcgetattr(t->in, &t->before) < 0)
		return -errno;
	struct termios raw = t->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->in, TCSADRAIN, &raw) < 0)
		return -errno;
	t->inside = true;
	watch_crashes(t);
	drop_frame(t);
	write_patiently(t, ENTER);
	fullscreen_forget(t);
	return 0;
}

/* From the background too: whoever started us may have gone. */
void fullscreen_leave(struct fullscreen *t)
{
	sigset_t writing, before;
	if (!t->inside)
		return;
	sigemptyset(&writing);
	sigaddset(&writing, SIGTTOU);
	sigprocmask(SIG_BLOCK, &writing, &before);
	drop_frame(t);
	if (t->tells_progress)
		write_patiently(t, PROGRESS_NONE);
	write_patiently(t, LEAVE);
	tcsetattr(t->in, TCSADRAIN, &t->before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	crashing = NULL;
	t->inside = false;
}

void fullscreen_forget(struct fullscreen *t)
{
	free(t->shown);
	t->shown = NULL;
}

/* ---- frames ---- */

/* The next line of a text, without its newline; *text goes to the one behind it. */
static size_t next_line(const char **text, const char **line)
{
	*line = *text;
	size_t n = *text ? strcspn(*text, "\n") : 0;
	if (*text)
		*text += n + ((*text)[n] == '\n');
	return n;
}

static void put_changes(const struct fullscreen *t, const char *text, FILE *out)
{
	const char *old = t->shown, *line, *before;
	for (int row = 1; *text && row <= t->height; row++) {
		size_t n = next_line(&text, &line), had = next_line(&old, &before);
		if (t->shown && n == had && memcmp(line, before, n) == 0)
			continue;
		fprintf(out, "\x1b[%d;1H\x1b[K", row);
		fwrite(line, 1, n, out);
	}
}

int fullscreen_flush(struct fullscreen *t)
{
	while (fullscreen_is_busy(t)) {
		ssize_t n = write(t->out, t->queue + t->sent, t->queued - t->sent);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		t->sent += n > 0 ? (size_t)n : 0;
	}
	forget_queue(t);
	return 0;
}

int fullscreen_show(struct fullscreen *t, char *text, int percent)
{
	if (fullscreen_is_busy(t)) {
		free(text);
		return fullscreen_flush(t);
	}
	forget_queue(t);
	FILE *out = open_memstream(&t->queue, &t->queued);
	if (!out) {
		free(text);
		return -ENOMEM;
	}
	fputs(BEGIN, out);
	if (!t->shown)
		fputs("\x1b[0m\x1b[2J", out);
	put_changes(t, text, out);
	if (t->tells_progress)
		progress_put(percent, out);
	fputs(END, out);
	if (fclose(out) != 0) {
		free(text);
		forget_queue(t);
		return -ENOMEM;
	}
	if (t->shown && strcmp(t->shown, text) == 0)
		forget_queue(t);
	free(t->shown);
	t->shown = text;
	return fullscreen_flush(t);
}
