/* list, rm and clean: keeping house among the recordings of a folder. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/catalog.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/handover.h"
#include "share/profile.h"
#include "share/recording.h"

struct files_options {
	bool dry_run, yes;
};

static const struct command_option list_options[] = { { 0 } };

static const struct command_option rm_options[] = {
	{ 0, "dry-run", NULL, offsetof(struct files_options, dry_run),
	  "name what would be removed, and leave it" },
	{ 0 },
};

static const struct command_option clean_options[] = {
	{ 0, "dry-run", NULL, offsetof(struct files_options, dry_run),
	  "name what would be removed, and leave it" },
	{ 'y', "yes", NULL, offsetof(struct files_options, yes), "remove without asking" },
	{ 0 },
};

static int open_here(struct catalog *catalog)
{
	int r = catalog_open(catalog);
	return r < 0 ? fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r)) : -1;
}

/* ---- list ---- */

/* mprof's "hour:min:sec day/month/year", from the 14 digits of the name. */
static void format_date(char out[24], const char *name)
{
	const char *d = name + strlen("mprofile_");
	snprintf(out, 24, "%.2s:%.2s:%.2s %.2s/%.2s/%.4s", d + 8, d + 10, d + 12, d + 6, d + 4, d);
}

/* Columns of the terminal, 0 where standard output is none: then nothing is cut. */
static size_t terminal_width(void)
{
	struct winsize size;
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

/* A command line may hold anything; bytes beyond ASCII stay, since they are somebody's letters. */
static void print_text(const char *text, size_t room)
{
	for (size_t n = 0; *text && n < room; text++, n++)
		putchar(iscntrl((unsigned char)*text) ? '?' : *text);
}

static void print_entry(size_t index, const char *name, size_t width)
{
	const struct profile_wish wish = { .columns = 4 };
	char date[24], length[FORMAT_SIZE], size[FORMAT_SIZE];
	struct profile profile;
	format_date(date, name);
	int n = printf("%zu %s %s", index, name, date);
	int r = profile_load(&profile, name, &wish);
	if (r < 0) {
		printf("  cannot be read: %s\n", strerror(-r));
		return;
	}
	const struct profile_series *memory = &profile.memory;
	if (memory->samples > 0) {
		format_duration(length, sample_seconds(memory->last.us - profile.start_us));
		format_memory(size, sample_mib(memory->peak.umib));
		n += printf("  %12s  %11s  ", length, size);
	} else {
		n += printf("  %12s  %11s  ", "no samples", "");
	}
	print_text(profile.command ? profile.command : "", width > (size_t)n ? width - (size_t)n
							   : width           ? 0
									     : SIZE_MAX);
	putchar('\n');
	profile_free(&profile);
}

static int list(int argc, char *argv[])
{
	struct catalog catalog;
	int n, status = command_parse(&command_list, OPERANDS_ANYWHERE, argc, argv, NULL, &n);
	if (status != -1)
		return status;
	if (n > 0)
		return fault(STATUS_USAGE, "list takes no argument, not '%s'", argv[1]);
	status = open_here(&catalog);
	if (status != -1)
		return status;
	if (recording_needs_plotter((const char *const *)catalog.names, catalog.n))
		return handover((char *[]){ (char[]){ "list" }, NULL });
	size_t width = terminal_width();
	for (size_t i = 0; i < catalog.n; i++)
		print_entry(i, catalog.names[i], width);
	catalog_free(&catalog);
	return command_end(STATUS_OK);
}

/* ---- rm and clean ---- */

/* What is removed must look like a recording, by its name or by how it begins. -1: it does; else
 * the status. */
static int check_removable(const char *path)
{
	static const char *const tags[] = { "CMDLINE ", "MEM ", "FUNC ", "META ", "CHLD " };
	char head[9] = "";
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return fault(STATUS_FAULT, "%s is a folder; nothing was removed", path);
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	if (catalog_is_recording(slash ? slash + 1 : path) || (dot && strcmp(dot, ".dat") == 0))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head - 1);
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; n > 0 && i < sizeof tags / sizeof *tags; i++)
		if (strncmp(head, tags[i], strlen(tags[i])) == 0)
			return -1;
	return fault(STATUS_FAULT,
		     "%s does not look like a recording, and nothing was removed; rm(1) removes "
		     "any file",
		     path);
}

/* Names each file where it is only a trial; else removes them all, going on after one that stays.
 */
static int remove_all(const char *const paths[], size_t n, bool dry_run)
{
	int status = STATUS_OK;
	if (dry_run)
		printf("Files to be removed: \n");
	for (size_t i = 0; i < n; i++) {
		if (dry_run)
			printf("%s\n", paths[i]);
		else if (unlink(paths[i]) < 0 && errno != ENOENT) /* named twice: gone already */
			status = fault(STATUS_FAULT, "cannot remove %s: %s", paths[i],
				       strerror(errno));
	}
	return command_end(status);
}

static int rm(int argc, char *argv[])
{
	struct files_options options = { 0 };
	struct catalog catalog;
	int n, status = command_parse(&command_rm, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n == 0)
		return fault(STATUS_USAGE,
			     "name what to remove: an index from mprof-c list, or a file");
	status = open_here(&catalog);
	if (status != -1)
		return status;
	const char **paths = calloc((size_t)n, sizeof *paths);
	status = paths ? catalog_resolve(&catalog, argv + 1, (size_t)n, paths)
		       : fault(STATUS_FAULT, "out of memory");
	for (int i = 0; i < n && status == -1; i++)
		status = check_removable(paths[i]);
	if (status == -1)
		status = remove_all(paths, (size_t)n, options.dry_run);
	free(paths);
	catalog_free(&catalog);
	return status;
}

static double total_mib(const struct catalog *catalog)
{
	double bytes = 0;
	struct stat status;
	for (size_t i = 0; i < catalog->n; i++)
		bytes += stat(catalog->names[i], &status) == 0 ? (double)status.st_size : 0;
	return bytes / 0x1p20;
}

/* Asks whoever sits at the terminal; a script is obeyed, as mprof obeys it. */
static bool is_agreed(const struct catalog *catalog)
{
	char size[FORMAT_SIZE], answer[16];
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fprintf(stderr, "remove %zu recording%s (%s)? [y/N] ", catalog->n,
		catalog->n == 1 ? "" : "s", format_memory(size, total_mib(catalog)));
	return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int clean(int argc, char *argv[])
{
	struct files_options options = { 0 };
	struct catalog catalog;
	int n, status = command_parse(&command_clean, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n > 0)
		return fault(STATUS_USAGE,
			     "clean takes no argument, not '%s'; to remove single recordings: "
			     "mprof-c rm",
			     argv[1]);
	status = open_here(&catalog);
	if (status != -1)
		return status;
	if (catalog.n > 0 && !options.dry_run && !options.yes && !is_agreed(&catalog))
		status = fault(STATUS_FAULT, "nothing was removed");
	else
		status = remove_all((const char *const *)catalog.names, catalog.n, options.dry_run);
	catalog_free(&catalog);
	return status;
}

const struct command command_list = {
	.name = "list",
	.usage = "",
	.summary = "list the recordings of this folder",
	.run = list,
	.options = list_options,
	.details = "Each line: index, file, date (hour:min:sec day/month/year), duration, sampled "
		   "peak, command.",
};

const struct command command_rm = {
	.name = "rm",
	.usage = "[--dry-run] INDEX|FILE …",
	.summary = "remove recordings",
	.run = rm,
	.options = rm_options,
	.details = "Indices are those of mprof-c list: 0 is the oldest, -1 the newest.",
};

const struct command command_clean = {
	.name = "clean",
	.usage = "[-y] [--dry-run]",
	.summary = "remove all recordings of this folder",
	.run = clean,
	.options = clean_options,
	.details = "Removes every mprofile_*.dat that run and attach named themselves. Asks first "
		   "on a terminal.",
};
