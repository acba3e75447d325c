#include "plotter/live/command.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "plotter/live/find.h"
#include "plotter/live/fullscreen.h"
#include "plotter/live/line.h"
#include "plotter/live/show.h"
#include "plotter/live/tell.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/own.h"
#include "share/number.h"

static const double SHORTEST = 0.1, LONGEST = 86400; /* seconds */

struct live_options {
	double interval; /* seconds between the lines, where there is no terminal */
	bool line;       /* one, on a terminal that others use */
	struct own own;
	struct show_options show;
};

static int parse_interval(const char *text, void *value)
{
	double parsed;
	int r = number_decimal(text, &parsed);
	if (r == 0 && (parsed < SHORTEST || parsed > LONGEST))
		return -ERANGE;
	if (r == 0)
		*(double *)value = parsed;
	return r;
}

static const struct option_type interval = { "SECONDS", "seconds from 0.1 to 86400 (a day)",
					     parse_interval };

#define AT(member) offsetof(struct live_options, member)
static const struct command_option options_table[] = {
	{ 'T', "interval", &interval, AT(interval),
	  "seconds between two lines, where there is no terminal (10)" },
	{ 0, "ascii", NULL, AT(show.ascii), "draw with ASCII characters only" },
	{ 0, "own", &option_own, AT(own), OWN_HELP },
	{ 0, "beside", NULL, AT(show.beside), "the recorder waits for the end of this",
	  .hidden = true },
	{ 0, "line", NULL, AT(line), "one line, until standard input ends", .hidden = true },
	{ 0 },
};

/* ---- which one ---- */

struct chosen {
	struct selection selection;
	char found[PATH_MAX]; /* of a process */
	const char *path;
};

static int choose_newest(struct chosen *c)
{
	int status = selection_make(&c->selection, NULL, 0);
	if (status != -1)
		return status;
	const char *open = find_newest(&c->selection.catalog);
	c->path = open ? open : c->selection.paths[0];
	return -1;
}

static int choose_process(struct chosen *c, long pid)
{
	if (find_by_process((pid_t)pid, c->found) < 0)
		return fault(STATUS_FAULT,
			     "%ld is neither a file or a recording here nor a process that is "
			     "being recorded",
			     pid);
	c->path = c->found;
	return -1;
}

/* A file, an index, or a process: in this order. */
static int choose(struct chosen *c, char *words[], int n)
{
	struct catalog catalog;
	const char *path;
	long number;
	if (n == 0)
		return choose_newest(c);
	int r = number_whole(words[0], &number) == 0 && number > 0 ? catalog_open(&catalog)
								   : -EINVAL;
	if (r == 0) {
		r = catalog_find(&catalog, words[0], &path);
		catalog_free(&catalog);
		if (r == -ENOENT || r == -ERANGE)
			return choose_process(c, number);
	}
	int status = selection_make(&c->selection, words, 1);
	if (status == -1)
		c->path = c->selection.paths[0];
	return status;
}

/* ---- showing it ---- */

static int say_unreadable(const char *path, int error)
{
	if (error == -EINVAL)
		return fault(STATUS_FAULT,
			     "%s is no file: only a file can be read while it is written", path);
	return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(error));
}

/* A file of something else would be waited at for ever. */
static int check(const char *path)
{
	int r = recording_is_file(path) ? recording_is_one(path) : 1;
	if (r < 0)
		return say_unreadable(path, r);
	if (r == 0 && recording_is_file(path))
		return fault(STATUS_FAULT, "%s is no recording", path);
	return -1;
}

static int follow(const char *path, const struct live_options *o)
{
	struct session session;
	int status =
		strcmp(path, "-") == 0 ? say_unreadable("standard input", -EINVAL) : check(path);
	if (status != -1)
		return status;
	int r = session_open(&session, path, o->own.globs);
	if (o->line)
		status = r < 0 ? STATUS_FAULT : line_show(&session);
	else if (r < 0)
		status = say_unreadable(path, r);
	else
		status = fullscreen_is_there() ? show(&session, &o->show)
					       : tell(&session, o->interval);
	session_close(&session);
	return status;
}

static int run(int argc, char *argv[])
{
	struct live_options options = { .interval = 10 };
	struct chosen chosen = { 0 };
	int n = 0;
	int status = command_parse(&command_live_here, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status == -1 && n > 1)
		status = fault(STATUS_USAGE, "live shows one recording, not %d", n);
	if (status != -1)
		return status;
	setlocale(LC_CTYPE, ""); /* which characters the terminal knows */
	status = choose(&chosen, argv + 1, n);
	if (status == -1)
		status = follow(chosen.path, &options);
	selection_free(&chosen.selection);
	if (status >= 0)
		return command_end(status);
	signal(-status, SIG_DFL);
	raise(-status);
	return 128 - status;
}

const struct command command_live_here = {
	.name = "live",
	.usage = "[OPTIONS] [PROFILE|PID]",
	.summary = "show a recording while it is made",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file or an index from mprof-c list, PID a process that is "
		   "recorded, or records; the default "
		   "is the\n"
		   "newest recording here that is still being made. It reads the file and nothing "
		   "else: neither the program nor "
		   "the\n"
		   "recorder notices. On a terminal it fills the screen until q; ? tells the keys. "
		   "Elsewhere it prints a line now "
		   "and\n"
		   "then, and leaves with 0 when the recording has ended.",
};
