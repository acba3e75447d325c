#include "share/slurm/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In a group of its own, so that what it starts can be ended with it. */
static int start(pid_t *pid, const char *path, char *const argv[], int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	int e = posix_spawn(pid, path, &files, &how, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return -e;
}

/* Until it has closed its output. What does not fit is read all the same. */
static long read_all(int fd, int64_t until, char *out, size_t size)
{
	char rest[512];
	size_t used = 0;
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left = until - now_ms();
		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return -ETIMEDOUT;
		bool fits = used + 1 < size;
		ssize_t n =
			read(fd, fits ? out + used : rest, fits ? size - 1 - used : sizeof rest);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		used += fits && n > 0 ? (size_t)n : 0;
	}
	out[used] = '\0';
	return (long)used;
}

/* It may have closed its output and hang all the same. */
static bool end(pid_t pid, int64_t until, bool late)
{
	const struct timespec step = { 0, 2000000 };
	int status;
	pid_t gone = 0;
	while (!late && (gone = waitpid(pid, &status, WNOHANG)) == 0 && now_ms() < until)
		nanosleep(&step, NULL);
	if (gone == 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

long answer_of(const char *path, char *const argv[], int ms, char *out, size_t size)
{
	int ends[2];
	pid_t pid;
	int64_t until = now_ms() + ms;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int e = start(&pid, path, argv, ends[1]);
	close(ends[1]);
	long n = e < 0 ? e : read_all(ends[0], until, out, size);
	close(ends[0]);
	if (e == 0 && !end(pid, until, n < 0) && n >= 0)
		n = -EIO;
	return n;
}
