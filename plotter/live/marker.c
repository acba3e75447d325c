#include "plotter/live/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The recorder's own program, beside this one; else whatever PATH has of that name. */
static void find_program(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 16);
	char *slash = n > 0 ? (path[n] = '\0', strrchr(path, '/')) : NULL;
	if (slash)
		strcpy(slash + 1, "mprof-c");
	if (!slash || access(path, X_OK) < 0)
		strcpy(path, "mprof-c");
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* What it has to say would stand in the middle of the screen. */
static int spawn(const char *program, char *const words[], pid_t *pid)
{
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	int e = posix_spawnp(pid, program, &files, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return -e;
}

int marker_write(const char *path, const char *label)
{
	char program[PATH_MAX], absolute[PATH_MAX];
	char *words[] = { (char[]){ "mprof-c" }, (char[]){ "mark" }, (char[]){ "--" },
			  (char *)label, NULL };
	pid_t pid;
	if (access(path, W_OK) < 0)
		return -errno;
	find_program(program);
	if (!realpath(path, absolute) || setenv("MPROF_FILE", absolute, 1) < 0)
		return -errno;
	int r = spawn(program, words, &pid);
	return r < 0 ? r : wait_for(pid);
}
