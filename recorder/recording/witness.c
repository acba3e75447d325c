#include "recorder/recording/witness.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/recording/post.h"

enum { PATIENCE = 50 }; /* ms for an answer: it may have to wait for a CPU, or be stopped */

/* A child without a signal at its end, which no plain wait() of ours meets. */
static pid_t fork_quietly(void)
{
	return (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
}

int witness_start(struct witness *w, pid_t target, char *const words[])
{
	int ends[2];
	struct post post = { .recorder = getpid(), .target = target, .words = words };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	post.socket = ends[1];
	pid_t pid = fork_quietly();
	int e = errno;
	if (pid == 0)
		post_stand(&post);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -e;
	}
	*w = (struct witness){ .pid = pid, .socket = ends[0] };
	return 0;
}

/* ---- is it the target's equal? ---- */

static bool read_uids(pid_t pid, uid_t uids[4])
{
	char text[4096];
	const char *at;
	if (procfs_once(pid, "status", text, sizeof text) <= 0 || !(at = strstr(text, "\nUid:")))
		return false;
	return sscanf(at, "\nUid: %u %u %u %u", &uids[0], &uids[1], &uids[2], &uids[3]) == 4;
}

/* Who may signal the one may signal the other: kill(2) asks for the real and the saved one. */
static bool has_same_owner(pid_t a, pid_t b)
{
	uid_t one[4], other[4];
	return read_uids(a, one) && read_uids(b, other) && one[0] == other[0] && one[2] == other[2];
}

static bool has_same_groups(pid_t a, pid_t b)
{
	char one[4096], other[4096];
	ssize_t n = procfs_once(a, "cgroup", one, sizeof one);
	return n == procfs_once(b, "cgroup", other, sizeof other) &&
	       (n <= 0 || memcmp(one, other, (size_t)n) == 0);
}

/* What reaches the one as one of many reaches the other. The kernel goes by the process group, and
 * asks nobody's leave. */
bool witness_is_equal(const struct witness *w, const siginfo_t *info, pid_t target)
{
	pid_t group = getpgid(target);
	if (group <= 0 || group != getpgid(w->pid) || getsid(target) != getsid(w->pid))
		return false;
	return info->si_code > 0 ||
	       (has_same_owner(w->pid, target) && has_same_groups(w->pid, target));
}

/* ---- questions ---- */

static bool ask(struct witness *w, struct question *q)
{
	q->number = ++w->asked;
	return send(w->socket, q, sizeof *q, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof *q;
}

/* An answer that came too late is of an earlier question. */
static bool await_answer(const struct witness *w, struct answer *answer)
{
	struct pollfd ready = { .fd = w->socket, .events = POLLIN };
	while (poll(&ready, 1, PATIENCE) > 0 &&
	       recv(w->socket, answer, sizeof *answer, MSG_DONTWAIT) == (ssize_t)sizeof *answer)
		if (answer->number == w->asked)
			return true;
	return false;
}

bool witness_saw(struct witness *w, const siginfo_t *info)
{
	struct answer answer;
	struct question question = question_of(info);
	if (w->pid <= 0 || !ask(w, &question))
		return false;
	if (await_answer(w, &answer))
		return answer.came;
	kill(w->pid, SIGCONT); /* it was stopped with all the group, and we alone went on */
	return await_answer(w, &answer) && answer.came;
}

void witness_watch(struct witness *w, bool on)
{
	struct question q = { .kind = on ? QUESTION_WATCH : QUESTION_REST };
	if (w->pid > 0)
		ask(w, &q);
}

void witness_tell_of_heirs(struct witness *w)
{
	struct question q = { .kind = QUESTION_HEIRS };
	if (w->pid > 0)
		ask(w, &q);
}

void witness_dismiss(struct witness *w)
{
	if (w->pid <= 0)
		return;
	/* Where we may send no signals, it leaves when the socket is closed. */
	if (kill(w->pid, SIGKILL) == 0)
		while (waitpid(w->pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	close(w->socket);
	*w = (struct witness)WITNESS_NONE;
}
