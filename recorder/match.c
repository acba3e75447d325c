#include "recorder/match.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"
#include "recorder/recording/witness.h"
#include "share/array.h"
#include "share/number.h"
#include "share/text.h"

enum { COMMAND_SIZE = 4096, MOST_ANCESTORS = 64 };

/* We, our parent, its parent …: sudo, a shell and a script all hold the word on their own command
 * lines. */
struct lineage {
	pid_t pids[MOST_ANCESTORS];
	size_t n;
};

static void trace(struct lineage *lineage)
{
	struct procfs_stat stat = { .ppid = getpid() };
	lineage->n = 0;
	do {
		lineage->pids[lineage->n++] = stat.ppid;
		if (procfs_stat(stat.ppid, &stat) < 0)
			break;
	} while (stat.ppid > 0 && lineage->n < MOST_ANCESTORS);
}

static bool is_ancestor(const struct lineage *lineage, pid_t pid)
{
	for (size_t i = 0; i < lineage->n; i++)
		if (lineage->pids[i] == pid)
			return true;
	return false;
}

/* How well a process fits. */
enum fit { FIT_NONE, FIT_PART, FIT_NAME };

/* `command` holds the arguments, each ended by a NUL. */
static enum fit fit_of(const char *word, const char *name, const char *command, size_t n)
{
	enum fit fit = FIT_NONE;
	if (strcmp(name, word) == 0)
		return FIT_NAME;
	size_t words = 0;
	for (const char *p = command; p < command + n; p += strlen(p) + 1) {
		if (words++ < 2 && *p != '-' && strcmp(text_base_name(p), word) == 0)
			return FIT_NAME;
		if (strstr(p, word))
			fit = FIT_PART;
	}
	return fit;
}

static int add(struct match **matches, size_t *n, pid_t pid, const char *name, char *command,
	       size_t length)
{
	for (size_t i = 0; i + 1 < length; i++)
		command[i] = command[i] == '\0'                   ? ' '
			     : iscntrl((unsigned char)command[i]) ? '?'
								  : command[i];
	char *copy = strdup(length > 0 ? command : name);
	struct match *match = copy ? array_more(matches, n, sizeof *match) : NULL;
	if (!match) {
		free(copy);
		return -ENOMEM;
	}
	*match = (struct match){ pid, copy };
	return 0;
}

/* The length of its arguments (0: it has none, as the kernel's own); -ESRCH: it has ended. */
static ssize_t look_at(pid_t pid, struct procfs_stat *stat, char command[COMMAND_SIZE])
{
	if (procfs_stat(pid, stat) < 0 || stat->state == 'Z')
		return -ESRCH;
	ssize_t length = procfs_once(pid, "cmdline", command, COMMAND_SIZE);
	return length > 0 ? length : 0;
}

static int consider(const char *word, pid_t pid, enum fit *best, struct match **matches, size_t *n)
{
	char command[COMMAND_SIZE];
	struct procfs_stat stat;
	ssize_t length = look_at(pid, &stat, command);
	if (length <= 0)
		command[0] = '\0';
	if (length < 0)
		return 0;
	/* It bears the words of the process that it stands beside. */
	if (strcmp(stat.name, WITNESS_NAME) == 0 && strcmp(command, WITNESS_WORD) == 0)
		return 0;
	enum fit fit = fit_of(word, stat.name, command, (size_t)length);
	if (fit == FIT_NONE || fit < *best)
		return 0;
	if (fit > *best) {
		match_free(*matches, *n);
		*matches = NULL;
		*n = 0;
		*best = fit;
	}
	return add(matches, n, pid, stat.name, command, (size_t)length);
}

static int find_number(pid_t pid, struct match **matches, size_t *n)
{
	char command[COMMAND_SIZE];
	struct procfs_stat stat;
	ssize_t length = look_at(pid, &stat, command);
	if (length < 0)
		return 0;
	return add(matches, n, pid, stat.name, command, (size_t)length);
}

int match_find(const char *word, struct match **matches, size_t *n)
{
	long number;
	enum fit best = FIT_NONE;
	struct lineage lineage;
	*matches = NULL;
	*n = 0;
	if (number_whole(word, &number) == 0)
		return number > 0 && number < 1 << 30 ? find_number((pid_t)number, matches, n) : 0;
	trace(&lineage);
	char path[MACHINE_PATH];
	machine_path(path, "/proc");
	DIR *folder = opendir(path);
	if (!folder)
		return -errno;
	int r = 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(folder));) {
		pid_t pid = atoi(entry->d_name);
		if (pid > 0 && !is_ancestor(&lineage, pid))
			r = consider(word, pid, &best, matches, n);
	}
	closedir(folder);
	if (r < 0)
		match_free(*matches, *n);
	return r;
}

void match_free(struct match *matches, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(matches[i].command);
	free(matches);
}
