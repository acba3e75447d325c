#include "recorder/probes/kill_note.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/procfs.h"
#include "recorder/kernel/user.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/running.h"
#include "recorder/tree/children.h"

static const int64_t PATIENCE = 100000000; /* ns */
enum { ENVIRONMENT = 1 << 18, TAIL = 1 << 16 };

/* ---- whose recording ---- */

static const char *find_path(const char *environment, size_t n)
{
	static const char name[] = RUNNING_FILE "=/";
	for (const char *at = environment; at < environment + n; at += strlen(at) + 1)
		if (strncmp(at, name, sizeof name - 1) == 0)
			return at + sizeof name - 2;
	return NULL;
}

static bool begins_as_one(int fd)
{
	static const char first[] = "CMDLINE ";
	char text[sizeof first] = "";
	return pread(fd, text, sizeof first - 1, 0) == (ssize_t)sizeof first - 1 &&
	       strcmp(text, first) == 0;
}

/* The path is the victim's word: only what belongs to its own user, and is a recording that
 * somebody holds, may it have us write to. */
static bool may_be_written(const struct recording *r, int fd, pid_t victim)
{
	struct stat status;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	if (status.st_dev == r->file.device && status.st_ino == r->file.inode)
		return false;
	if (status.st_uid != user_of(victim) || !begins_as_one(fd))
		return false;
	bool held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	if (!held)
		flock(fd, LOCK_UN);
	return held;
}

static void leave_one(const struct recording *r, pid_t victim, pid_t by, char *text)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	ssize_t n = procfs_once(victim, "environ", text, ENVIRONMENT);
	const char *path = n > 0 ? find_path(text, (size_t)n) : NULL;
	int fd = path ? open(path, flags) : -1;
	if (fd < 0)
		return;
	if (may_be_written(r, fd, victim))
		dprintf(fd, "META killed=at killed_pid=%d killed_by=%d\n", (int)victim, (int)by);
	close(fd);
}

/* A page of the victim's, or its file, may never come: we do not wait for it. */
static _Noreturn void leave_all(const struct recording *r, const struct pids *victims, pid_t by)
{
	char *text = malloc(ENVIRONMENT);
	for (size_t i = 0; text && i < victims->n; i++)
		leave_one(r, victims->items[i], by, text);
	_exit(0);
}

/* A child without a signal at its end, which no plain wait() of ours meets. */
void kill_note_leave(struct recording *r, const struct pids *victims)
{
	pid_t us = getpid(), pid = (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
	if (pid == 0)
		leave_all(r, victims, us);
	if (pid < 0)
		return;
	recording_help(r, pid);
	int64_t until = clock_now() + PATIENCE;
	while (waitpid(pid, NULL, __WALL | WNOHANG) == 0) {
		if (clock_now() > until)
			kill(pid, SIGKILL);
		if (clock_now() > until + PATIENCE)
			break;
		nanosleep(&(struct timespec){ 0, 200000 }, NULL);
	}
}

/* ---- in ours ---- */

/* It is written right before the end. */
static bool is_in(const char *tail, pid_t victim)
{
	char word[64];
	snprintf(word, sizeof word, "\nMETA killed=at killed_pid=%d killed_by=", (int)victim);
	return strstr(tail, word) != NULL;
}

bool kill_note_is_left(const struct recording *r, pid_t victim)
{
	struct stat status;
	int fd = r->file.named ? open(r->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	char *tail = fd >= 0 ? malloc(TAIL + 1) : NULL;
	ssize_t n = 0;
	if (tail && fstat(fd, &status) == 0 && status.st_dev == r->file.device &&
	    status.st_ino == r->file.inode)
		n = pread(fd, tail, TAIL, status.st_size > TAIL ? status.st_size - TAIL : 0);
	if (fd >= 0)
		close(fd);
	if (tail)
		tail[n > 0 ? n : 0] = '\0';
	bool found = tail && is_in(tail, victim);
	free(tail);
	return found;
}
