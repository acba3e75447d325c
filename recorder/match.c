#include "recorder/match.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"
#include "recorder/tree/title.h"
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

/* ---- one process ---- */

/* How well a process fits. */
enum fit { FIT_NONE, FIT_PART, FIT_NAME };

struct look {
	pid_t pid;
	struct procfs_stat stat;
	char command[COMMAND_SIZE]; /* its arguments, each ended by a NUL */
	size_t n;                   /* 0: it has none, as the kernel's own */
};

static int look_at(pid_t pid, struct look *look)
{
	look->pid = pid;
	if (procfs_stat(pid, &look->stat) < 0 || !procfs_lives(&look->stat, pid))
		return -ESRCH;
	ssize_t n = procfs_once(pid, "cmdline", look->command, COMMAND_SIZE);
	look->n = n > 0 ? (size_t)n : 0;
	look->command[look->n] = '\0';
	return 0;
}

/* A login shell's first argument begins with a dash. */
static const char *program_of(const struct look *look)
{
	return text_base_name(look->command + (*look->command == '-'));
}

/* pyenv exec python3 x.py, and its kin of other languages, have not got to be what they stand for
 * yet, which is what follows. */
static const char *behind_shim(const char *script, const char *end)
{
	const char *name = text_base_name(script), *next = script + strlen(script) + 1;
	if (text_ends_in(name, "env-exec"))
		return next < end ? next : script;
	if (!text_ends_in(name, "env") || next >= end || strcmp(next, "exec") != 0)
		return script;
	next += strlen(next) + 1;
	return next < end ? next : script;
}

/* What stands in for an interpreter is a script itself, which bears its name: pyenv's shims. */
static const char *script_of(const struct look *look)
{
	const char *end = look->command + look->n;
	const char *script = title_script(program_of(look), look->command, look->n);
	if (!script)
		script = title_script(look->stat.name, look->command, look->n);
	bool inside = script >= look->command && script < end;
	script = inside ? behind_shim(script, end) : script;
	const char *further =
		inside ? title_script(text_base_name(script), script, (size_t)(end - script))
		       : NULL;
	return further ? further : script;
}

/* Its file has a name that its starter did not choose. */
static bool executes(pid_t pid, const char *word)
{
	char link[MACHINE_PATH], path[PATH_MAX];
	machine_path(link, "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	return strcmp(text_base_name(path), word) == 0;
}

static bool is_name(const char *path, const char *word)
{
	return strcmp(path, word) == 0 || strcmp(text_base_name(path), word) == 0;
}

/* As one line, whose length stays. */
static const char *line_of(const struct look *look, char line[COMMAND_SIZE])
{
	memcpy(line, look->command, look->n + 1);
	for (size_t i = 0; i + 1 < look->n; i++)
		line[i] = line[i] ? line[i] : ' ';
	return line;
}

/* Is there a `word` in the line that begins in the argument at `from`? */
static bool begins_in(const char *line, const struct look *look, const char *from, const char *word)
{
	size_t first = (size_t)(from - look->command), end = first + strlen(from);
	const char *at = strstr(line + first, word);
	return at && (size_t)(at - line) < end;
}

static bool is_part(const struct look *look, const char *script, const char *word)
{
	char line[COMMAND_SIZE];
	line_of(look, line);
	bool own = script >= look->command && script < look->command + look->n;
	return strstr(look->stat.name, word) || begins_in(line, look, look->command, word) ||
	       (own && begins_in(line, look, script, word));
}

/* Only what it runs names a process: whoever has a script for an argument, as an editor has, grep
 * or another recorder, is not that script. */
static enum fit fit_of(const struct look *look, const char *word)
{
	const char *script = script_of(look);
	if (strcmp(look->stat.name, word) == 0 || is_name(look->command, word) ||
	    strcmp(program_of(look), word) == 0 || (script && is_name(script, word)) ||
	    executes(look->pid, word))
		return FIT_NAME;
	return is_part(look, script, word) ? FIT_PART : FIT_NONE;
}

/* ---- all that fit best ---- */

struct search {
	enum fit best;
	struct match *matches;
	size_t n;
};

static int add(struct search *s, const struct look *look)
{
	char line[COMMAND_SIZE];
	char *copy = strdup(look->n > 0 ? line_of(look, line) : look->stat.name);
	struct match *match = copy ? array_more(&s->matches, &s->n, sizeof *match) : NULL;
	if (!match) {
		free(copy);
		return -ENOMEM;
	}
	*match = (struct match){ look->pid, look->stat.ppid, look->stat.start, copy };
	return 0;
}

static int consider(struct search *s, pid_t pid, const char *word)
{
	struct look look;
	if (look_at(pid, &look) < 0)
		return 0;
	enum fit fit = word ? fit_of(&look, word) : FIT_NAME;
	if (fit == FIT_NONE || fit < s->best)
		return 0;
	if (fit > s->best) {
		match_free(s->matches, s->n);
		*s = (struct search){ .best = fit };
	}
	return add(s, &look);
}

static int search_all(struct search *s, const char *word)
{
	struct lineage lineage;
	char path[MACHINE_PATH];
	machine_path(path, "/proc");
	DIR *folder = opendir(path);
	if (!folder)
		return -errno;
	trace(&lineage);
	int r = 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(folder));) {
		pid_t pid = atoi(entry->d_name);
		if (pid > 0 && !is_ancestor(&lineage, pid))
			r = consider(s, pid, word);
	}
	closedir(folder);
	return r;
}

static bool is_fork(const struct search *s, const struct match *match)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->matches[i].pid == match->ppid &&
		    strcmp(s->matches[i].command, match->command) == 0)
			return true;
	return false;
}

/* They are moved behind those that are kept, so that a fork of a fork is known for one. */
static void leave_out_forks(struct search *s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct match match = s->matches[i];
		if (is_fork(s, &match))
			continue;
		s->matches[i] = s->matches[kept];
		s->matches[kept++] = match;
	}
	for (size_t i = kept; i < s->n; i++)
		free(s->matches[i].command);
	s->n = kept;
}

int match_find(const char *word, struct match **matches, size_t *n)
{
	long number;
	struct search s = { FIT_NONE, NULL, 0 };
	int r = 0;
	if (number_whole(word, &number) < 0)
		r = search_all(&s, strncmp(word, "./", 2) == 0 ? word + 2 : word);
	else if (number > 0 && number < 1 << 30)
		r = consider(&s, (pid_t)number, NULL);
	if (r < 0) {
		match_free(s.matches, s.n);
		s = (struct search){ 0 };
	}
	leave_out_forks(&s);
	*matches = s.matches;
	*n = s.n;
	return r;
}

void match_free(struct match *matches, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(matches[i].command);
	free(matches);
}
