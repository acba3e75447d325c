#include "plotter/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "share/large.h"
#include "share/text.h"

enum { MOMENT = 2000 }; /* ms, in which it says that it cannot */

bool opening_has_display(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
	return (x && *x) || (wayland && *wayland);
}

const char *opening_name(void)
{
	const char *named = getenv("MPROF_OPEN");
	return named && *named ? named : "xdg-open";
}

static bool is_there(const char *name)
{
	char path[4096];
	const char *folders = getenv("PATH");
	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	for (const char *at = folders ? folders : ""; *at;) {
		size_t n = strcspn(at, ":");
		snprintf(path, sizeof path, "%.*s/%s", (int)n, at, name);
		if (n > 0 && access(path, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	return false;
}

int opening_can(void)
{
	const char *named = getenv("MPROF_OPEN");
	if (!(named && *named) && !opening_has_display())
		return -ENODEV;
	return is_there(opening_name()) ? 0 : -ENOENT;
}

/* Of a session of its own: it lives on when the terminal is closed. */
static void become(const char *path, int report)
{
	char *argv[] = { (char *)opening_name(), (char *)path, NULL };
	int null = open("/dev/null", O_RDWR);
	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	large_restore();
	execvp(argv[0], argv);
	int error = errno;
	ssize_t ignored = write(report, &error, sizeof error);
	(void)ignored;
	_exit(127);
}

/* A browser that was not running yet is its own child for as long as it runs. */
static int wait_a_moment(pid_t pid)
{
	int status;
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	if (end.fd < 0)
		return 0;
	int n = poll(&end, 1, MOMENT);
	close(end.fd);
	if (n <= 0 || waitpid(pid, &status, 0) != pid)
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

int opening_show(const char *path)
{
	int report[2], error = 0, r = opening_can();
	if (r < 0)
		return r;
	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	char *whole = realpath(path, NULL); /* whoever opens it may stand elsewhere */
	pid_t pid = whole ? fork() : -1;
	if (pid == 0)
		become(whole, report[1]);
	r = pid < 0 ? -errno : 0;
	free(whole);
	close(report[1]);
	/* exec closes the other end; what comes through it is why exec failed. */
	if (pid > 0 && read(report[0], &error, sizeof error) == (ssize_t)sizeof error) {
		waitpid(pid, NULL, 0);
		r = -error;
	}
	close(report[0]);
	return r < 0 ? r : wait_a_moment(pid);
}

static size_t without(const char *name, size_t n, const char *ending)
{
	size_t k = strlen(ending);
	return n > k && strncmp(name + n - k, ending, k) == 0 ? n - k : n;
}

char *opening_place(const char *recording, const char *extension)
{
	char *place = NULL;
	const char *name = strcmp(recording, "-") == 0 ? "mprof-c" : text_base_name(recording);
	size_t n = without(name, strlen(name), ".gz");
	n = without(name, n, ".dat");
	if (asprintf(&place, "%.*s.%s", (int)n, name, extension) < 0)
		return NULL;
	return place;
}
