#include "recorder/recording/post.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/descriptor.h"
#include "recorder/kernel/procfs.h"
#include "recorder/recording/witness.h"
#include "share/fault.h"

enum { MOST_NOTES = 1024, WATCH_EVERY = 50 /* ms */ };

/* ns: who signals one process after the other is soon done, or later where it has to wait for a
 * CPU; older ones were another sending. And what is sent once more so soon may come to a process as
 * one. */
static const int64_t FRESH = 500000000, PATIENCE = 3000000, MOST_PATIENCE = 30000000,
		     AGAIN = 20000000;

struct note {
	struct question of;
	int64_t at;   /* monotonic ns; 0: there is none */
	int64_t told; /* monotonic ns of when that was answered; 0: it was not */
};

struct watch {
	struct note notes[MOST_NOTES];
	size_t next;
	int signals, target; /* descriptors */
	bool watching;
	bool heirs; /* the target has ended; its descendants are recorded on */
};

struct question question_of(const siginfo_t *info)
{
	struct question q = { .signal = info->si_signo, .code = info->si_code };
	if (info->si_code <= 0) {
		q.pid = info->si_pid;
		q.uid = info->si_uid;
	}
	if (info->si_code == SI_QUEUE)
		q.value = (intptr_t)info->si_value.sival_ptr;
	return q;
}

/* ---- what came ---- */

static struct question question_of_read(const struct signalfd_siginfo *info)
{
	struct question q = { .signal = (int)info->ssi_signo, .code = info->ssi_code };
	if (info->ssi_code <= 0) {
		q.pid = (pid_t)info->ssi_pid;
		q.uid = info->ssi_uid;
	}
	if (info->ssi_code == SI_QUEUE)
		q.value = (intptr_t)info->ssi_ptr;
	return q;
}

static void note_all(struct watch *w)
{
	struct signalfd_siginfo info;
	while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		w->notes[w->next] = (struct note){ question_of_read(&info), clock_now(), 0 };
		w->next = (w->next + 1) % MOST_NOTES;
	}
}

static bool is_same(const struct question *a, const struct question *b)
{
	return a->signal == b->signal && a->code == b->code && a->pid == b->pid &&
	       a->uid == b->uid && a->value == b->value;
}

static bool find(struct watch *w, const struct question *q)
{
	int64_t now = clock_now();
	note_all(w);
	for (size_t i = 0; i < MOST_NOTES; i++) {
		struct note *note = &w->notes[(w->next + i) % MOST_NOTES];
		if (note->at == 0 || note->told || now - note->at > FRESH || !is_same(&note->of, q))
			continue;
		note->told = now;
		return true;
	}
	return false;
}

/* Signals that are not queued: of two in a row a process may see one. */
static bool was_told(const struct watch *w, const struct question *q)
{
	int64_t now = clock_now();
	for (size_t i = 0; i < MOST_NOTES && q->signal < SIGRTMIN; i++)
		if (w->notes[i].told && now - w->notes[i].told < AGAIN &&
		    is_same(&w->notes[i].of, q))
			return true;
	return false;
}

/* Is whoever has sent that still at it, for all that we know? */
static bool is_sending(const struct question *q)
{
	struct procfs_stat stat;
	return q->pid > 0 && procfs_stat(q->pid, &stat) == 0 && stat.state == 'R';
}

static bool came(struct watch *w, const struct question *q)
{
	const struct timespec step = { 0, PATIENCE };
	int64_t begin = clock_now(), waited = 0;
	struct pollfd more = { .fd = w->signals, .events = POLLIN };
	if (find(w, q) || was_told(w, q))
		return true;
	for (; waited < PATIENCE || (waited < MOST_PATIENCE && is_sending(q));
	     waited = clock_now() - begin)
		if (ppoll(&more, 1, &step, NULL) > 0 && find(w, q))
			return true;
	return false;
}

/* ---- the recorder ---- */

/* Nobody is left who could: standard error is the program's too, and open. */
static _Noreturn void say_last_words(const struct post *p, const struct watch *w)
{
	struct pollfd end = { .fd = w->target, .events = POLLIN };
	if (w->heirs)
		fault(STATUS_FAULT,
		      "the recorder was killed; what the program (process %d) left behind runs on "
		      "unrecorded",
		      (int)p->target);
	else if (w->target >= 0 ? poll(&end, 1, 0) == 0 : kill(p->target, 0) == 0)
		fault(STATUS_FAULT,
		      "the recorder was killed; the program (process %d) runs on unrecorded",
		      (int)p->target);
	_exit(0);
}

static void hear(const struct post *p, struct watch *w)
{
	struct question q;
	ssize_t n = recv(p->socket, &q, sizeof q, 0);
	if (n == 0)
		say_last_words(p, w);
	if (n != (ssize_t)sizeof q) /* no word from the recorder, and none of its end either */
		_exit(0);
	w->heirs |= q.kind == QUESTION_HEIRS;
	w->watching = q.kind == QUESTION_CAME ? w->watching : q.kind == QUESTION_WATCH;
	if (q.kind != QUESTION_CAME)
		return;
	const struct answer answer = { q.number, came(w, &q) };
	send(p->socket, &answer, sizeof answer, MSG_NOSIGNAL);
}

static bool is_stopped(pid_t pid)
{
	struct procfs_stat stat;
	return procfs_stat(pid, &stat) == 0 && (stat.state == 'T' || stat.state == 't');
}

/* Somebody has let the target go on, or ended it, and knew nothing of the recorder. */
static void wake_recorder(const struct post *p)
{
	if (!is_stopped(p->target) && is_stopped(p->recorder) && getppid() == p->recorder)
		kill(p->recorder, SIGCONT);
}

/* ---- the beginning ---- */

/* Where our command line lies: fields 48 and 49 of proc(5)'s stat. */
static bool find_words(char **begin, char **end)
{
	char text[2048], *at;
	unsigned long values[2] = { 0 };
	if (procfs_once(getpid(), "stat", text, sizeof text) <= 0 || !(at = strrchr(text, ')')))
		return false;
	for (int field = 2; field < 48 && at; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%lu %lu", &values[0], &values[1]) != 2 || values[0] == 0)
		return false;
	*begin = (char *)values[0];
	*end = (char *)values[1];
	return *begin < *end;
}

/* The target's words may be in the very memory that is overwritten. */
static bool rename_us(char *const words[])
{
	char *begin, *end, *copy;
	if (!find_words(&begin, &end) || !(copy = calloc(1, (size_t)(end - begin))))
		return false;
	size_t size = (size_t)(end - begin), used = 0;
	const char *word = WITNESS_WORD;
	for (size_t i = 0; word && used + strlen(word) + 1 < size; word = words[i++])
		used += (size_t)(stpcpy(copy + used, word) - (copy + used)) + 1;
	memcpy(begin, copy, size);
	return prctl(PR_SET_NAME, WITNESS_NAME, 0UL, 0UL, 0UL) == 0;
}

/* Where standard error was closed, its number may be that of a file of ours. */
static void keep_only(struct post *p)
{
	int flags = fcntl(STDERR_FILENO, F_GETFD);
	if (dup2(p->socket, STDIN_FILENO) < 0) /* needs no descriptor more than there are */
		_exit(0);
	p->socket = STDIN_FILENO;
	close(STDOUT_FILENO);
	if (flags < 0 || flags & FD_CLOEXEC)
		close(STDERR_FILENO);
	descriptor_close_from(3);
}

void post_stand(struct post *p)
{
	static struct watch w;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	keep_only(p);
	if (getppid() != p->recorder || !rename_us(p->words))
		_exit(0);
	w.signals = signalfd(-1, &all, SFD_NONBLOCK);
	w.target = (int)syscall(SYS_pidfd_open, p->target, 0);
	for (;;) {
		struct pollfd events[] = { { .fd = p->socket, .events = POLLIN },
					   { .fd = w.signals, .events = POLLIN } };
		int ready = poll(events, 2, w.watching ? WATCH_EVERY : -1);
		note_all(&w);
		if (events[0].revents)
			hear(p, &w);
		if (ready == 0)
			wake_recorder(p);
	}
}
