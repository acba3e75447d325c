#include "recorder/kernel/earlyoom.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/machine.h"

enum { TAIL = 1 << 16 };
static const int64_t PATIENCE = 900000000; /* ns */

/* ---- parsers ---- */

pid_t earlyoom_parse(const char *message)
{
	static const char *const words[] = { "sending SIGTERM to process ",
					     "sending SIGKILL to process " };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);
		long pid = strncmp(message, words[i], n) == 0 ? strtol(message + n, NULL, 10) : 0;
		if (pid > 0 && pid <= INT_MAX)
			return (pid_t)pid;
	}
	return 0;
}

/* Seconds east of Greenwich: what stands behind the seconds, as ".123456+02:00". */
static int64_t parse_zone(const char *zone)
{
	int hours = 0, minutes = 0;
	zone += strspn(zone, ".0123456789");
	if (sscanf(zone, "%*1[+-]%2d:%2d", &hours, &minutes) != 2)
		return 0;
	return (*zone == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/* The older form tells no year: then it is that of `about`. */
static int64_t parse_moment(const char *line, int64_t about)
{
	struct tm tm = { 0 };
	time_t now = (time_t)about;
	const char *end = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	if (end)
		return (int64_t)timegm(&tm) - parse_zone(end);
	if (!localtime_r(&now, &tm) || !strptime(line, "%b %d %H:%M:%S", &tm))
		return 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

pid_t earlyoom_parse_syslog(const char *line, int64_t from, int64_t to)
{
	const char *tag = strstr(line, " earlyoom"), *text = tag ? strstr(tag, ": ") : NULL;
	int64_t at = text && (tag[9] == '[' || tag[9] == ':') ? parse_moment(line, to) : 0;
	return at >= from && at <= to ? earlyoom_parse(text + 2) : 0;
}

/* ---- the logs ---- */

struct search {
	int64_t from, to;
	bool (*visit)(void *context, pid_t pid);
	void *context;
	int64_t until; /* monotonic ns */
};

static bool is_told(const struct search *s, pid_t pid)
{
	return pid > 0 && s->visit(s->context, pid);
}

static bool is_in_lines(const struct search *s, char *text, bool syslog)
{
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (is_told(s, syslog ? earlyoom_parse_syslog(line, s->from, s->to)
				      : earlyoom_parse(line)))
			return true;
	return false;
}

/* The end of it; a pipe would have us wait. */
static bool is_in_file(const struct search *s, const char *name, char *text)
{
	char path[MACHINE_PATH];
	struct stat status;
	machine_path(path, "%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = 0;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		n = pread(fd, text, TAIL, status.st_size > TAIL ? status.st_size - TAIL : 0);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return is_in_lines(s, text, true);
}

/* The journal is read by its own program, which may take too long. */
static size_t read_until(int fd, char *text, int64_t until)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	for (int64_t left; used < TAIL && (left = until - clock_now()) > 0;) {
		if (poll(&more, 1, (int)(left / 1000000)) <= 0)
			break;
		ssize_t n = read(fd, text + used, TAIL - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	return used;
}

static pid_t start_reader(const char *path, int64_t from, int out)
{
	char since[48];
	char *const argv[] = { (char[]){ "journalctl" },     (char[]){ "-q" },
			       (char[]){ "--no-pager" },     (char[]){ "-ocat" },
			       (char[]){ "-n500" },          since,
			       (char[]){ "_COMM=earlyoom" }, NULL };
	char *const environment[] = { (char[]){ "LC_ALL=C" }, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none;
	pid_t pid = 0;
	snprintf(since, sizeof since, "--since=@%lld", (long long)from);
	sigemptyset(&none);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, path, &files, &how, argv, environment) != 0)
		pid = 0;
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return pid;
}

static bool is_in_journal(const struct search *s, char *text)
{
	char path[MACHINE_PATH];
	int ends[2];
	machine_path(path, "/usr/bin/journalctl");
	if (access(path, X_OK) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid_t pid = start_reader(path, s->from, ends[1]);
	close(ends[1]);
	size_t n = pid > 0 ? read_until(ends[0], text, s->until) : 0;
	close(ends[0]);
	text[n] = '\0';
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return is_in_lines(s, text, false);
}

/* Hence nobody else who was sent a signal waits for us to look. */
static bool is_installed(void)
{
	static const char *const paths[] = { "/usr/bin/earlyoom", "/usr/sbin/earlyoom",
					     "/usr/local/bin/earlyoom",
					     "/usr/local/sbin/earlyoom" };
	char path[MACHINE_PATH];
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		machine_path(path, "%s", paths[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

bool earlyoom_killed(int64_t from, int64_t to, bool (*visit)(void *context, pid_t pid),
		     void *context)
{
	static const char *const logs[] = { "/var/log/syslog", "/var/log/messages",
					    "/var/log/daemon.log" };
	struct search s = { from, to, visit, context, clock_now() + PATIENCE };
	char *text = is_installed() ? malloc(TAIL + 1) : NULL;
	bool found = text && is_in_journal(&s, text);
	for (size_t i = 0; text && !found && i < sizeof logs / sizeof *logs; i++)
		found = is_in_file(&s, logs[i], text);
	free(text);
	return found;
}
