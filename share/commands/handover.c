#include "share/commands/handover.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/command.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/large.h"
#include "share/profile/profile.h"
#include "share/version.h"

/* The plotter beside this very file: the build folder, a copied pair, /usr/bin. */
static int beside(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 16);
	if (n <= 0)
		return -errno;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	strcpy(slash + 1, "mprof-c-plot");
	return 0;
}

/* Returns when none of the places has it: -errno. */
static int become_plotter(char *words[])
{
	char path[PATH_MAX];
	large_restore();
	if (beside(path) == 0)
		execv(path, words);
	execv(MPROF_LIBEXECDIR "/mprof-c-plot", words);
	execvp("mprof-c-plot", words);
	return -errno;
}

/* Returns -errno when that failed. */
static int try_handover(void)
{
	size_t n = 0;
	while (command_words[n])
		n++;
	char **words = calloc(n + 2, sizeof *words);
	if (!words)
		return -ENOMEM;
	words[0] = (char[]){ "mprof-c-plot" };
	memcpy(words + 1, command_words, n * sizeof *words);
	int r = become_plotter(words);
	free(words);
	return r;
}

int handover(void)
{
	int r = try_handover();
	return fault(
		STATUS_FAULT,
		"cannot start the plotter, mprof-c-plot: %s; it belongs beside mprof-c or in %s",
		strerror(-r), MPROF_LIBEXECDIR);
}

/* Standard input: what is read of a pipe is gone, so whoever can read all gets it. */
static bool may_be_compressed_input(const char *path)
{
	unsigned char head[2];
	if (profile_decompress || strcmp(path, "-") != 0)
		return false;
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	return at < 0 || (pread(STDIN_FILENO, head, sizeof head, at) == (ssize_t)sizeof head &&
			  head[0] == 0x1f && head[1] == 0x8b);
}

static bool is_compressed(const char *path)
{
	struct profile_input input;
	if (!recording_is_file(path))
		return false; /* what is read of a pipe is gone */
	int r = profile_open(&input, path);
	if (r == 0)
		profile_close(&input);
	return r == -ENOTSUP;
}

int handover_compressed(const char *const paths[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_compressed(paths[i]))
			return handover();
	for (size_t i = 0; i < n; i++)
		if (may_be_compressed_input(paths[i]))
			try_handover();
	return -1;
}

static int run(int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	return handover();
}

const struct command command_plot = {
	.name = "plot",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "draw one or several recordings",
	.run = run,
};

const struct command command_live = {
	.name = "live",
	.usage = "[OPTIONS] [PROFILE|PID]",
	.summary = "show a recording while it is made",
	.run = run,
};

const struct command command_export = {
	.name = "export",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "write recordings in the formats of other programs",
	.run = run,
};
