/* A line for each recording; a second one for its command where the screen is narrow. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "share/commands/list.h"
#include "share/format.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"

enum { GAP = 2, DATE_SIZE = 24, USUAL_WIDTH = 80, LEAST_ROOM = 40, CAUSE_SIZE = 256 };

enum list_column { INDEX, NAME, DATE, LENGTH, PEAK, END, COLUMNS };

struct line {
	char index[24], date[DATE_SIZE], length[FORMAT_SIZE], peak[FORMAT_SIZE], end[FORMAT_SIZE];
	const char *name;
	char *command; /* printable; or why there is nothing to tell */
};

/* In cells. */
struct layout {
	int widths[COLUMNS];
	size_t screen; /* 0: no screen, and nothing is cut */
	bool below;    /* each command has a line of its own */
};

/* ---- texts ---- */

/* As mprof shows it; a file that tells no time of its own has that of its name. */
static void say_date(const struct list_entry *e, char out[DATE_SIZE])
{
	time_t start = (time_t)(e->start_us / 1000000);
	struct tm local;
	const char *d = e->name + strlen("mprofile_");
	if (e->start_us <= 0 || !localtime_r(&start, &local) ||
	    strftime(out, DATE_SIZE, "%H:%M:%S %d/%m/%Y", &local) == 0)
		snprintf(out, DATE_SIZE, "%.2s:%.2s:%.2s %.2s/%.2s/%.4s", d + 8, d + 10, d + 12,
			 d + 6, d + 4, d);
}

/* "of 4 recordings: 3 exit 0, 1 SIGKILL". */
static void say_ends(const struct list_ends *ends, char out[CAUSE_SIZE])
{
	char end[FORMAT_SIZE];
	size_t told = 0, n = (size_t)snprintf(out, CAUSE_SIZE, "of %zu recordings:", ends->all);
	for (size_t i = 0; i < sizeof ends->most / sizeof *ends->most; i++) {
		const struct list_end *one = &ends->most[i];
		bool known = one->status != PROFILE_STATUS_UNKNOWN;
		if (one->n == 0)
			break;
		n += (size_t)snprintf(out + n, CAUSE_SIZE - n, "%s %zu %s", i ? "," : "", one->n,
				      known ? format_end(end, one->status) : "not told");
		told += one->n;
	}
	if (told < ends->all)
		snprintf(out + n, CAUSE_SIZE - n, ", %zu otherwise", ends->all - told);
}

/* "stops at 3.98 GiB of 4.00 GiB allowed": what stands before the command; "": nothing does. */
static void say_cause(const struct list_entry *e, char out[CAUSE_SIZE])
{
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	*out = '\0';
	if (e->killed)
		snprintf(out, CAUSE_SIZE, "%s", e->killed);
	else if (e->near.held > 0)
		snprintf(out, CAUSE_SIZE, "stops at %s of %s allowed",
			 format_memory(held, e->near.held), format_memory(limit, e->near.limit));
	else if (e->ends.all > 0)
		say_ends(&e->ends, out);
}

static char *say_command(const struct list_entry *e)
{
	char *command = text_printable(e->command ? e->command : ""), *both;
	char cause[CAUSE_SIZE];
	say_cause(e, cause);
	if (!command || (!*cause && !e->reason))
		return command;
	int n = e->reason ? asprintf(&both, "cannot be read: %s", e->reason)
			  : asprintf(&both, "%s: %s", cause, command);
	free(command);
	return n < 0 ? NULL : both;
}

static int say(struct line *line, size_t index, const struct list_entry *e)
{
	*line = (struct line){ .name = e->name };
	snprintf(line->index, sizeof line->index, "%zu", index);
	say_date(e, line->date);
	if (e->samples > 0) {
		format_duration(line->length, sample_seconds(e->length_us));
		format_memory(line->peak, e->peak);
	} else if (!e->reason) {
		strcpy(line->length, "no samples");
	}
	if (e->ends.all > 0)
		strcpy(line->end, "mixed");
	else if (e->ended && e->status == PROFILE_STATUS_UNKNOWN)
		strcpy(line->end, "?");
	else if (e->ended)
		format_end(line->end, e->status);
	line->command = say_command(e);
	return line->command ? 0 : -ENOMEM;
}

/* ---- widths ---- */

static size_t cells(const char *text)
{
	size_t n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += (size_t)text_cells(c);
	return n;
}

static double width_of(void *context, const char *text)
{
	(void)context;
	return (double)cells(text);
}

/* Columns of the terminal, 0 where standard output is none. */
static size_t screen_width(void)
{
	struct winsize size;
	long columns;
	const char *variable = getenv("COLUMNS");
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (variable && number_whole(variable, &columns) == 0 && columns > 0)
		return (size_t)columns;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
	return known ? size.ws_col : USUAL_WIDTH;
}

static const char *text_in(const struct line *line, enum list_column column)
{
	const char *const texts[COLUMNS] = {
		[INDEX] = line->index,   [NAME] = line->name, [DATE] = line->date,
		[LENGTH] = line->length, [PEAK] = line->peak, [END] = line->end,
	};
	return texts[column];
}

/* What stands before a column: mprof's line has single blanks. */
static int gap_before(const struct layout *l, enum list_column column)
{
	return column == INDEX || l->widths[column] == 0 ? 0 : column <= DATE ? 1 : GAP;
}

static size_t columns_width(const struct layout *l)
{
	size_t used = 0;
	for (int c = 0; c < COLUMNS; c++)
		used += (size_t)(gap_before(l, c) + l->widths[c]);
	return used;
}

static void measure(struct layout *l, const struct line *lines, size_t n)
{
	size_t longest = 0;
	*l = (struct layout){ .screen = screen_width() };
	for (size_t i = 0; i < n; i++) {
		size_t command = cells(lines[i].command);
		longest = command > longest ? command : longest;
		for (int c = 0; c < COLUMNS; c++) {
			int width = (int)cells(text_in(&lines[i], c));
			l->widths[c] = width > l->widths[c] ? width : l->widths[c];
		}
	}
	size_t used = columns_width(l) + GAP, room = l->screen > used ? l->screen - used : 0;
	l->below = l->screen > 0 && longest > room && room < LEAST_ROOM;
}

/* ---- lines ---- */

/* `last`: nothing stands behind it, not even blanks. */
static void print_text(const struct layout *l, enum list_column column, const char *text, bool last)
{
	int pad = l->widths[column] - (int)cells(text);
	bool right = column == INDEX || column == LENGTH || column == PEAK;
	if (last && !*text)
		return;
	printf("%*s%*s%s%*s", gap_before(l, column), "", right ? pad : 0, "", text,
	       right || last ? 0 : pad, "");
}

static void shorten(const struct layout *l, struct line *line)
{
	size_t used = (l->below ? 0 : columns_width(l)) + GAP;
	if (l->screen > 0)
		text_shorten(line->command, l->screen > used ? (double)(l->screen - used) : 0,
			     width_of, NULL);
}

/* One that cannot be read has its reason in the place of all figures. */
static void print_line(const struct layout *l, struct line *line)
{
	shorten(l, line);
	bool alone = l->below || !line->command[0];
	enum list_column last = !line->length[0] ? DATE : !line->end[0] && alone ? PEAK : END;
	for (int c = INDEX; c <= (int)last; c++)
		print_text(l, c, text_in(line, c), alone && c == (int)last);
	if (line->command[0])
		printf("%s%*s%s", l->below ? "\n" : "", GAP, "", line->command);
	putchar('\n');
}

int list_print_text(const struct list_entry *entries, size_t n)
{
	struct line *lines = calloc(n, sizeof *lines);
	struct layout layout;
	int r = lines ? 0 : -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = say(&lines[i], i, &entries[i]);
	if (r == 0)
		measure(&layout, lines, n);
	for (size_t i = 0; i < n && r == 0; i++)
		print_line(&layout, &lines[i]);
	for (size_t i = 0; lines && i < n; i++)
		free(lines[i].command);
	free(lines);
	return r;
}
