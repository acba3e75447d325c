#include "plotter/opening.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plotter/backend/start.h"
#include "share/environment.h"

enum { MOMENT = 2000 }; /* ms, in which it says that it cannot */

const char *opening_name(void)
{
	const char *named = environment_word("MPROF_OPEN");
	return named ? named : "xdg-open";
}

int opening_can(void)
{
	char path[PATH_MAX];
	if (!environment_word("MPROF_OPEN") && !environment_has_display())
		return -ENODEV;
	bool found = environment_find(opening_name(), environment_is_executable, path);
	return found && environment_is_executable(path) ? 0 : -ENOENT;
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
	static const int nowhere[] = { -1, -1, -1 };
	int r = opening_can();
	char *whole = r < 0 ? NULL : realpath(path, NULL); /* it may be opened from elsewhere */
	if (!whole)
		return r < 0 ? r : -errno;
	pid_t pid = start_program((char *[]){ (char *)opening_name(), whole, NULL }, true, nowhere);
	free(whole);
	return pid < 0 ? pid : wait_a_moment(pid);
}

static size_t without(const char *name, size_t n, const char *ending)
{
	size_t k = strlen(ending);
	return n > k && strncmp(name + n - k, ending, k) == 0 ? n - k : n;
}

/* Of a folder its own name; what has none ("..", "/") is nobody's. */
static const char *name_of(const char *recording, size_t *n)
{
	*n = strlen(recording);
	while (*n > 0 && recording[*n - 1] == '/')
		--*n;
	size_t from = *n;
	while (from > 0 && recording[from - 1] != '/')
		from--;
	*n -= from;
	if (*n > 0 && strspn(recording + from, ".-") < *n)
		return recording + from;
	*n = strlen("mprof-c");
	return "mprof-c";
}

char *opening_place(const char *recording, const char *extension)
{
	char *place = NULL;
	size_t n;
	const char *name = name_of(recording, &n);
	n = without(name, n, ".gz");
	n = without(name, n, ".dat");
	if (asprintf(&place, "%.*s.%s", (int)n, name, extension) < 0)
		return NULL;
	return place;
}
