#include "plotter/live/find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/commands/recording.h"
#include "share/number.h"
#include "share/why/writer.h"

enum { HEAD = 4096 /* bytes that hold a recording's first META */ };

/* Some bytes of a file, as a text; how many, or -1. */
static ssize_t read_some(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n;
}

static bool is_recorder(long pid)
{
	char path[64], name[32];
	snprintf(path, sizeof path, "/proc/%ld/comm", pid);
	return read_some(path, name, sizeof name) > 0 && strcmp(name, "mprof-c\n") == 0;
}

static bool is_of(const char *path, pid_t pid)
{
	char head[HEAD], field[32];
	if (read_some(path, head, sizeof head) <= 0)
		return false;
	const char *meta = strstr(head, "\nMETA "), *end = meta ? strchr(meta + 1, '\n') : NULL;
	snprintf(field, sizeof field, " pid=%ld ", (long)pid);
	const char *at = end ? strstr(meta, field) : NULL;
	return at && at < end;
}

/* The recording that a process writes, if it is of `pid`; 0: of anybody. */
static bool find_in(long recorder, pid_t pid, char path[PATH_MAX])
{
	char folder[64], link[sizeof folder + NAME_MAX + 1];
	snprintf(folder, sizeof folder, "/proc/%ld/fd", recorder);
	DIR *descriptors = opendir(folder);
	bool found = false;
	for (struct dirent *d; descriptors && !found && (d = readdir(descriptors));) {
		snprintf(link, sizeof link, "%s/%s", folder, d->d_name);
		ssize_t n = readlink(link, path, PATH_MAX - 1);
		path[n > 0 ? n : 0] = '\0';
		found = *path == '/' && recording_is_file(path) && recording_is_one(path) == 1 &&
			why_find_writer(path) == WHY_WRITER_THERE && (pid == 0 || is_of(path, pid));
	}
	if (descriptors)
		closedir(descriptors);
	return found;
}

/* run names it in the environment of the program. */
static bool find_in_environment(pid_t pid, char path[PATH_MAX])
{
	static const char name[] = "MPROF_FILE=";
	char file[64], *environment = calloc(1, 1 << 17);
	snprintf(file, sizeof file, "/proc/%ld/environ", (long)pid);
	ssize_t n = environment ? read_some(file, environment, 1 << 17) : -1;
	const char *found = NULL;
	for (const char *at = environment; n > 0 && at < environment + n && !found;
	     at += strlen(at) + 1)
		if (strncmp(at, name, sizeof name - 1) == 0)
			found = at + sizeof name - 1;
	bool fits = found && strlen(found) < PATH_MAX && recording_is_file(found);
	if (fits)
		strcpy(path, found);
	free(environment);
	return fits;
}

int find_by_process(pid_t pid, char path[PATH_MAX])
{
	DIR *processes = opendir("/proc");
	bool found = is_recorder(pid) && find_in(pid, 0, path);
	long other;
	for (struct dirent *d; processes && !found && (d = readdir(processes));)
		found = number_whole(d->d_name, &other) == 0 && is_recorder(other) &&
			find_in(other, pid, path);
	if (processes)
		closedir(processes);
	return found || find_in_environment(pid, path) ? 0 : -ENOENT;
}

const char *find_newest(const struct catalog *catalog)
{
	for (size_t i = catalog->n; i-- > 0;)
		if (why_find_writer(catalog->names[i]) == WHY_WRITER_THERE)
			return catalog->names[i];
	return NULL;
}
