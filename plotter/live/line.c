#include "plotter/live/line.h"

#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plotter/live/tell.h"
#include "plotter/screen/cells.h"
#include "plotter/screen/screen.h"
#include "share/fault.h"

#define CLEARED "\r\x1b[K"

/* A shell that has its terminal back is not written over. */
static bool is_in_front(void)
{
	return tcgetpgrp(STDOUT_FILENO) == getpgrp();
}

/* A character less than the row has: the cursor stays in it. */
static int width_of_row(void)
{
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return 79;
	return size.ws_col < 1000 ? size.ws_col - 1 : 999;
}

/* Only whole figures, from the first on. */
static void shorten(char *text, int width)
{
	char *last = NULL;
	while (cells_width(text) > width) {
		for (char *at = text; (at = strstr(at, "  ")); at += 2)
			last = at;
		if (!last)
			return;
		*last = '\0';
		last = NULL;
	}
}

/* In one write, so that nobody else's lies in between. */
static void put(const char *text)
{
	struct cells cells;
	char *row = NULL;
	size_t n = 0;
	bool ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	FILE *out = open_memstream(&row, &n);
	if (!out)
		return;
	fputs(CLEARED, out);
	if (cells_open(&cells, width_of_row(), 1, ascii) == 0) {
		cells_text(&cells, 0, 0, text, cells.width, &screen_plain);
		cells_print(&cells, COLOURS_NONE, out);
		cells_close(&cells);
	}
	fclose(out);
	if (row && n > 0 && row[n - 1] == '\n')
		n--;
	ssize_t ignored = row ? write(STDOUT_FILENO, row, n) : 0;
	(void)ignored;
	free(row);
}

static void draw(const struct session *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return;
	tell_put(out, s);
	fclose(out);
	if (text && is_in_front()) {
		shorten(text, width_of_row());
		put(text);
	}
	free(text);
}

/* False: nobody wants it any more. */
static bool wait_for_more(struct session *s, int64_t now)
{
	struct pollfd events[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				   { .fd = s->watch.fd, .events = POLLIN } };
	if (poll(events, 2, session_wait(s, now)) <= 0)
		return true;
	if (events[1].revents)
		watch_take(&s->watch);
	return events[0].revents == 0;
}

/* What is typed to end the program is for the program. */
int line_show(struct session *s)
{
	int r = 0;
	bool drawn = false;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	for (int64_t now = session_now(); r >= 0 && !session_is_over(s); now = session_now()) {
		r = session_step(s, now);
		if (s->figures.sampled && (r > 0 || !drawn)) {
			draw(s);
			drawn = true;
		}
		if (r >= 0 && !wait_for_more(s, now))
			break;
	}
	if (drawn && is_in_front())
		r = write(STDOUT_FILENO, CLEARED, strlen(CLEARED)) < 0 ? -1 : r;
	return r < 0 ? STATUS_FAULT : STATUS_OK;
}
