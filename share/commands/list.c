/* list: the recordings of a folder, a line for each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"

enum { GAP = 2, DATE_WIDTH = 19, USUAL_WIDTH = 80 };

static const struct command_option options_table[] = { { 0 } };

struct entry {
	const char *name; /* the catalog's */
	char length[FORMAT_SIZE], peak[FORMAT_SIZE];
	char *command; /* or why there is nothing to tell, when `length` is empty */
};

/* How wide each column is, in cells; 0 for the screen: nothing is cut. */
struct widths {
	size_t index, name, length, peak, screen;
};

/* ---- what there is to tell ---- */

static const char *reason_for(int error)
{
	switch (error) {
	case -ENOTSUP: return "compressed, for mprof-c-plot to read";
	case -ESPIPE: return "not a file";
	case -EIO: return "damaged";
	default: return strerror(-error);
	}
}

static int load(struct profile *profile, const char *name)
{
	const struct profile_wish wish = { .columns = 4 };
	struct stat status;
	if (stat(name, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode)) /* a pipe would have us wait for a writer */
		return -ESPIPE;
	return profile_load(profile, name, &wish);
}

/* Takes `text` over. */
static char *in_front(const char *words, char *text)
{
	char *both;
	if (asprintf(&both, "%s: %s", words, text) < 0)
		both = NULL;
	free(text);
	return both;
}

static int fill(struct entry *entry, const char *name)
{
	struct profile profile;
	entry->name = name;
	int r = load(&profile, name);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (asprintf(&entry->command, "cannot be read: %s", reason_for(r)) < 0)
			entry->command = NULL;
		return entry->command ? 0 : -ENOMEM;
	}
	const struct profile_series *memory = &profile.memory;
	if (memory->samples > 0) {
		format_duration(entry->length, sample_seconds(memory->last.us - profile.start_us));
		format_memory(entry->peak, sample_mib(memory->peak.umib));
	} else {
		strcpy(entry->length, "no samples");
	}
	const char *killed = profile_killed(&profile);
	entry->command = text_printable(profile.command ? profile.command : "");
	if (entry->command && killed)
		entry->command = in_front(killed, entry->command);
	profile_free(&profile);
	return entry->command ? 0 : -ENOMEM;
}

/* ---- the lines ---- */

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

static void print_blanks(size_t n)
{
	printf("%*s", (int)n, "");
}

/* mprof's line to the letter, then ours. */
static void print_entry(size_t index, struct entry *entry, const struct widths *w)
{
	const char *d = entry->name + strlen("mprofile_");
	int n = printf("%zu %s %.2s:%.2s:%.2s %.2s/%.2s/%.4s", index, entry->name, d + 8, d + 10,
		       d + 12, d + 6, d + 4, d);
	size_t used = w->index + 1 + w->name + 1 + DATE_WIDTH;
	print_blanks(used - (size_t)n + GAP);
	used += GAP;
	if (entry->length[0]) {
		print_blanks(w->length - cells(entry->length));
		printf("%s%*s", entry->length, (int)(GAP + w->peak), entry->peak);
		used += w->length + GAP + w->peak + GAP;
	}
	if (w->screen > 0)
		text_shorten(entry->command, w->screen > used ? (double)(w->screen - used) : 0,
			     width_of, NULL);
	if (entry->command[0])
		printf("%*s%s", entry->length[0] ? GAP : 0, "", entry->command);
	putchar('\n');
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

static void widen(size_t *width, size_t to)
{
	*width = to > *width ? to : *width;
}

static void print_entries(struct entry *entries, size_t n)
{
	struct widths widths = { .screen = screen_width() };
	widths.index = (size_t)snprintf(NULL, 0, "%zu", n - 1);
	for (size_t i = 0; i < n; i++) {
		widen(&widths.name, strlen(entries[i].name));
		widen(&widths.length, cells(entries[i].length));
		widen(&widths.peak, strlen(entries[i].peak));
	}
	for (size_t i = 0; i < n; i++)
		print_entry(i, &entries[i], &widths);
}

static int list_all(const struct catalog *catalog)
{
	struct entry *entries = calloc(catalog->n, sizeof *entries);
	int r = entries ? 0 : -ENOMEM;
	for (size_t i = 0; i < catalog->n && r == 0; i++)
		r = fill(&entries[i], catalog->names[i]);
	if (r == 0)
		print_entries(entries, catalog->n);
	for (size_t i = 0; entries && i < catalog->n; i++)
		free(entries[i].command);
	free(entries);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

static int list_here(const struct catalog *catalog)
{
	if (catalog->n == 0)
		return fault(STATUS_OK, "no recordings in this folder; make one with: mprof-c run "
					"PROGRAM");
	int status = handover_compressed((const char *const *)catalog->names, catalog->n);
	int listed = list_all(catalog); /* the others all the same */
	return listed || status == -1 ? listed : status;
}

static int run(int argc, char *argv[])
{
	struct catalog catalog;
	int n, status = command_parse(&command_list, OPERANDS_ANYWHERE, argc, argv, NULL, &n);
	if (status != -1)
		return status;
	if (n > 0)
		return fault(STATUS_USAGE, "list takes no argument, not '%s'", argv[1]);
	int r = catalog_open(&catalog);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r));
	status = list_here(&catalog);
	catalog_free(&catalog);
	return command_end(status);
}

const struct command command_list = {
	.name = "list",
	.usage = "",
	.summary = "list the recordings of this folder",
	.run = run,
	.options = options_table,
	.details = "Each line: index, file, date (hour:min:sec day/month/year), duration, sampled "
		   "peak, command.",
};
