#include "share/handover.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "share/fault.h"
#include "share/version.h"

enum { MAX_WORDS = 4096 };

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

int handover(char *argv[])
{
	char path[PATH_MAX], *words[MAX_WORDS];
	int n = 0;
	words[n++] = (char[]){ "mprof-c-plot" };
	while (*argv && n < MAX_WORDS - 1)
		words[n++] = *argv++;
	words[n] = NULL;
	if (*argv)
		return fault(STATUS_USAGE, "more than %d arguments", MAX_WORDS - 2);
	if (beside(path) == 0)
		execv(path, words);
	execv(MPROF_LIBEXECDIR "/mprof-c-plot", words);
	execvp("mprof-c-plot", words);
	return fault(
		STATUS_FAULT,
		"cannot start the plotter, mprof-c-plot: %s; it belongs beside mprof-c or in %s",
		strerror(errno), MPROF_LIBEXECDIR);
}

int handover_with(char *const command[], size_t n_command, const char *const paths[],
		  size_t n_paths)
{
	char *words[MAX_WORDS] = { 0 };
	size_t n = 0;
	if (n_command + 1 + n_paths >= MAX_WORDS - 2)
		return fault(STATUS_USAGE, "more than %d arguments", MAX_WORDS - 2);
	for (size_t i = 0; i < n_command; i++)
		words[n++] = command[i];
	words[n++] = (char[]){ "--" };
	for (size_t i = 0; i < n_paths; i++)
		words[n++] = (char *)paths[i];
	return handover(words);
}

static int run(int argc, char *argv[])
{
	(void)argc;
	return handover(argv);
}

const struct command command_plot = {
	.name = "plot",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "draw one or several recordings",
	.run = run,
};
