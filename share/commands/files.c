/* rm and clean: removing recordings, and nothing else. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/names.h"
#include "share/profile/sample.h"
#include "share/text.h"

struct files_options {
	bool dry_run, yes;
};

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

/* ---- removing ---- */

/* A file's name may hold a newline; a line names one file all the same. */
static int name_one(const char *path)
{
	char *text = text_printable(path);
	if (!text)
		return fault(STATUS_FAULT, "out of memory");
	puts(text);
	free(text);
	return STATUS_OK;
}

static int remove_one(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT) /* gone already: named in two ways */
		return STATUS_OK;
	return fault(STATUS_FAULT, "cannot remove %s: %s", path, strerror(errno));
}

/* Goes on after one that stays. With dry_run each is only named, as mprof names them. */
static int remove_all(const char *const paths[], size_t n, bool dry_run)
{
	struct names seen = { 0 };
	int status = STATUS_OK;
	if (dry_run)
		puts("Files to be removed: ");
	for (size_t i = 0; i < n; i++) {
		size_t known = seen.n;
		if (names_find(&seen, paths[i], n) >= 0 && seen.n == known)
			continue;
		int bad = dry_run ? name_one(paths[i]) : remove_one(paths[i]);
		status = bad ? bad : status;
	}
	names_free(&seen);
	return command_end(status);
}

/* ---- rm ---- */

/* What is removed must look like a recording, by its name or by how it begins. 0, -ENOTSUP, or
 * another -errno upon which *why is what to say. */
static int check_removable(const char *path, const char **why)
{
	struct stat status;
	const char *slash = strrchr(path, '/');
	*why = "is a folder";
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return -EISDIR;
	if (catalog_is_recording(slash ? slash + 1 : path))
		return 0;
	int r = recording_is_one(path);
	*why = r < 0 ? strerror(-r) : "does not look like a recording";
	return r > 0 ? 0 : r == 0 ? -EINVAL : r;
}

/* -1: all may be removed. Before that nothing is. */
static int check_all(const struct selection *selection, bool *compressed)
{
	const char *why;
	*compressed = false;
	for (size_t i = 0; i < selection->n; i++) {
		int r = check_removable(selection->paths[i], &why);
		if (r == -ENOTSUP)
			*compressed = true;
		else if (r < 0)
			return fault(STATUS_FAULT,
				     "nothing was removed: %s %s%s; rm(1) removes anything",
				     selection->paths[i],
				     r == -EISDIR || r == -EINVAL ? "" : "cannot be read: ", why);
	}
	return -1;
}

static int remove_selected(const struct selection *selection, bool dry_run)
{
	bool compressed;
	int status = check_all(selection, &compressed);
	if (status != -1)
		return status;
	if (compressed) /* whoever can read it must look what it is */
		return handover();
	return remove_all(selection->paths, selection->n, dry_run);
}

static int rm(int argc, char *argv[])
{
	struct files_options options = { 0 };
	struct selection selection;
	int n, status = command_parse(&command_rm, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n == 0)
		return fault(STATUS_USAGE,
			     "name what to remove: an index from mprof-c list, or a file");
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = remove_selected(&selection, options.dry_run);
	selection_free(&selection);
	return status;
}

/* ---- clean ---- */

static double total_mib(const struct catalog *catalog)
{
	uint64_t bytes = 0;
	struct stat status;
	for (size_t i = 0; i < catalog->n; i++)
		bytes += stat(catalog->names[i], &status) == 0 ? (uint64_t)status.st_size : 0;
	return sample_bytes_mib(bytes);
}

/* Asks whoever sits at the terminal; a script is obeyed, as mprof obeys it. -1 to go on, else the
 * exit status. */
static int ask(const struct catalog *catalog)
{
	char size[FORMAT_SIZE], answer[16];
	if (!isatty(STDIN_FILENO))
		return -1;
	if (!isatty(STDERR_FILENO))
		return fault(STATUS_FAULT, "nothing was removed, since no question can be asked "
					   "here; -y removes without one");
	fprintf(stderr, "remove %zu recording%s (%s)? [y/N] ", catalog->n,
		catalog->n == 1 ? "" : "s", format_memory(size, total_mib(catalog)));
	if (!fgets(answer, sizeof answer, stdin))
		fputc('\n', stderr);
	else if (answer[0] == 'y' || answer[0] == 'Y')
		return -1;
	return fault(STATUS_FAULT, "nothing was removed");
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
	int r = catalog_open(&catalog);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r));
	status = catalog.n == 0 || options.dry_run || options.yes ? -1 : ask(&catalog);
	if (status == -1)
		status = remove_all((const char *const *)catalog.names, catalog.n, options.dry_run);
	catalog_free(&catalog);
	return status;
}

const struct command command_rm = {
	.name = "rm",
	.usage = "[--dry-run] INDEX|FILE …",
	.summary = "remove recordings",
	.run = rm,
	.options = rm_options,
	.details = "Indices are those of mprof-c list: 0 is the oldest, -1 the newest; 0-2 are the "
		   "three "
		   "oldest,\n-3--1 the three newest.",
};

const struct command command_clean = {
	.name = "clean",
	.usage = "[-y] [--dry-run]",
	.summary = "remove all recordings of this folder",
	.run = clean,
	.options = clean_options,
	.details = "Removes every recording of this folder with one of the names (mprofile_…) that "
		   "run and attach give.\nAsks first on a terminal.",
};
