/* The terminal that is taken over: what is sent to it, on one that is made up. */
#include "plotter/live/fullscreen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/check.h"

static int master;
static char got[65536];

/* What the terminal was sent since. */
static const char *sent(void)
{
	ssize_t n = read(master, got, sizeof got - 1);
	got[n > 0 ? n : 0] = '\0';
	return got;
}

static struct fullscreen on_a_terminal(int width, int height)
{
	struct fullscreen screen = FULLSCREEN_NONE;
	struct winsize size = { .ws_col = (unsigned short)width, .ws_row = (unsigned short)height };
	master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	CHECK_INT(ioctl(master, TIOCSWINSZ, &size), 0);
	screen.in = open(ptsname(master), O_RDONLY | O_NOCTTY);
	screen.out = open(ptsname(master), O_WRONLY | O_NOCTTY | O_NONBLOCK);
	CHECK(screen.in >= 0 && screen.out >= 0);
	fullscreen_measure(&screen);
	return screen;
}

static void close_all(struct fullscreen *screen)
{
	fullscreen_close(screen);
	close(master);
}

static void its_size(void)
{
	struct fullscreen screen = on_a_terminal(100, 30);
	struct winsize none = { 0 };
	CHECK_INT(screen.width, 100);
	CHECK_INT(screen.height, 30);
	CHECK(!fullscreen_measure(&screen));
	ioctl(master, TIOCSWINSZ, &none); /* it does not tell */
	CHECK(fullscreen_measure(&screen));
	CHECK_INT(screen.width, 80);
	CHECK_INT(screen.height, 24);
	close_all(&screen);
}

static void only_rows_that_changed_are_drawn(void)
{
	struct fullscreen screen = on_a_terminal(20, 3);
	CHECK_INT(fullscreen_show(&screen, strdup("one\ntwo\nthree\n"), -1), 0);
	CHECK(strstr(sent(), "\x1b[1;1H\x1b[Kone") && strstr(got, "\x1b[3;1H\x1b[Kthree"));
	CHECK_INT(fullscreen_show(&screen, strdup("one\n2\nthree\n"), -1), 0);
	CHECK_STR(sent(), "\x1b[?2026h\x1b[2;1H\x1b[K2\x1b[?2026l");
	CHECK_INT(fullscreen_show(&screen, strdup("one\n2\nthree\n"), -1), 0);
	CHECK_STR(sent(), "");
	CHECK_INT(fullscreen_show(&screen, strdup("one\n2\n3\nfour\n"), -1), 0);
	CHECK(strstr(sent(), "\x1b[3;1H\x1b[K3") && !strstr(got, "four")); /* it has three rows */
	fullscreen_forget(&screen);
	CHECK_INT(fullscreen_show(&screen, strdup("one\n"), -1), 0);
	CHECK(strstr(sent(), "\x1b[2J"));
	close_all(&screen);
}

static void what_is_taken_over_is_given_back(void)
{
	struct termios before, inside, after;
	struct fullscreen screen = on_a_terminal(20, 3);
	CHECK_INT(tcgetattr(screen.in, &before), 0);
	CHECK_INT(fullscreen_enter(&screen), 0);
	CHECK(strstr(sent(), "\x1b[?1049h") && strstr(got, "\x1b[?25l"));
	CHECK_INT(tcgetattr(screen.in, &inside), 0);
	CHECK_INT(inside.c_lflag & (ICANON | ECHO), 0);
	CHECK(inside.c_lflag & ISIG); /* Ctrl-C and Ctrl-Z stay the terminal's */
	int in = dup(screen.in);
	fullscreen_close(&screen);
	CHECK(strstr(sent(), "\x1b[?1049l") && strstr(got, "\x1b[?25h"));
	CHECK_INT(tcgetattr(in, &after), 0);
	CHECK_INT(after.c_lflag, before.c_lflag);
	CHECK_INT(after.c_iflag, before.c_iflag);
	close(in);
	close(master);
}

static void a_terminal_that_takes_nothing_keeps_nobody(void)
{
	static char row[1 << 19];
	struct fullscreen screen = on_a_terminal(20, 3);
	memset(row, 'x', sizeof row - 1);
	CHECK_INT(fullscreen_show(&screen, strdup(row), -1), 0);
	CHECK(fullscreen_is_busy(&screen));
	CHECK_INT(fullscreen_show(&screen, strdup("new\n"), -1), 0); /* left out */
	size_t taken = 0;
	for (int i = 0; i < 4096 && fullscreen_is_busy(&screen); i++) {
		taken += strlen(sent());
		CHECK_INT(fullscreen_flush(&screen), 0);
	}
	CHECK(!fullscreen_is_busy(&screen));
	for (size_t n = 1; n > 0; taken += n)
		n = strlen(sent());
	CHECK(taken >= sizeof row - 1);
	CHECK_INT(fullscreen_show(&screen, strdup("new\n"), -1), 0);
	CHECK(strstr(sent(), "new"));
	close_all(&screen);
}

static void a_terminal_that_has_gone_is_told(void)
{
	struct fullscreen screen = on_a_terminal(20, 3);
	close(master);
	CHECK_INT(fullscreen_show(&screen, strdup("one\n"), -1), -EIO);
	fullscreen_close(&screen);
}

static bool has_terminals(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (fd < 0)
		printf("# skipped: posix_openpt: %s\n", strerror(errno));
	else
		close(fd);
	return fd >= 0;
}

int main(void)
{
	if (!has_terminals())
		return DONE();
	RUN(its_size);
	RUN(only_rows_that_changed_are_drawn);
	RUN(what_is_taken_over_is_given_back);
	RUN(a_terminal_that_takes_nothing_keeps_nobody);
	RUN(a_terminal_that_has_gone_is_told);
	return DONE();
}
