#include "recorder/python/preload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/executable.h"
#include "share/beside.h"

static const char list[] = "LD_PRELOAD";

int preload_find(const char *name, char path[PATH_MAX])
{
	int r = beside_find(name, path);
	return r == 0 && strpbrk(path, " :") ? -EINVAL : r;
}

/* ---- will it be loaded? ---- */

/* A list of what it is linked to; nothing of it is executed. */
static pid_t start_loader(const char *loader, const char *library, int out)
{
	char *const argv[] = { (char *)loader, (char[]){ "--list" }, (char *)library, NULL };
	posix_spawn_file_actions_t files;
	pid_t pid = 0;
	if (posix_spawn_file_actions_init(&files) != 0)
		return 0;
	if (posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) != 0 ||
	    posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO) != 0 ||
	    posix_spawn(&pid, loader, &files, NULL, argv, environ) != 0)
		pid = 0;
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* What it says in time, as a text; it has closed the pipe, or more is not wanted. */
static void read_answer(int fd, char *text, size_t size)
{
	static const int64_t longest = 2000000000; /* ns */
	struct pollfd more = { .fd = fd, .events = POLLIN };
	int64_t until = clock_now() + longest;
	size_t used = 0;
	for (int64_t left; used + 1 < size && (left = until - clock_now()) > 0;) {
		if (poll(&more, 1, (int)(left / 1000000) + 1) <= 0)
			break;
		ssize_t n = read(fd, text + used, size - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
}

/* A version of the C library, or a library, of which the loader says that it is not found: it would
 * say the same of the program, and not start it. */
static bool is_lacking(const char *loader, const char *library)
{
	char text[4096];
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid_t pid = start_loader(loader, library, ends[1]);
	close(ends[1]);
	*text = '\0';
	if (pid > 0)
		read_answer(ends[0], text, sizeof text);
	close(ends[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	return strstr(text, "not found") != NULL;
}

const char *preload_obstacle(const char *file, const char *library)
{
	char loader[PATH_MAX];
	const char *obstacle = executable_obstacle(file);
	if (obstacle || !executable_loader(file, loader) || !is_lacking(loader, library))
		return obstacle;
	return "the C library here is older than mprof-c's libraries need";
}

/* ---- bringing it ---- */

int preload_bring(struct preload *p, const char *library, const char *variable, const char *setting)
{
	const char *before = getenv(list);
	char *made;
	if (asprintf(&made, "%s%s%s", library, before ? ":" : "", before ? before : "") < 0)
		return -ENOMEM;
	bool done = setenv(list, made, 1) == 0 && setenv(variable, setting, 1) == 0;
	free(made);
	*p = (struct preload){ library, variable, true, false };
	return done ? 0 : -ENOMEM;
}

/* It stands behind what was brought later, or first. */
static void take_out(const char *library)
{
	const char *now = getenv(list);
	size_t length = strlen(library);
	const char *at = now ? strstr(now, library) : NULL;
	while (at && ((at > now && at[-1] != ':') || (at[length] && at[length] != ':')))
		at = strstr(at + 1, library);
	if (!at)
		return;
	char *rest;
	const char *behind = at + length + (at[length] == ':');
	if (asprintf(&rest, "%.*s%s", (int)(at - now), now, behind) < 0)
		return;
	if (*rest)
		setenv(list, rest, 1);
	else
		unsetenv(list);
	free(rest);
}

void preload_take_back(struct preload *p)
{
	if (!p->announced || p->taken_back)
		return;
	p->taken_back = true;
	take_out(p->library);
	unsetenv(p->variable);
}

void preload_free(struct preload *p)
{
	preload_take_back(p);
	*p = (struct preload){ 0 };
}
