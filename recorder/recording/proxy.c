#include "recorder/recording/proxy.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/procfs.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

/* ns after the first sample: a program that ends at once needs none, and no other has a handler by
 * then; and how long a program may take to stop by other means than the signal that asked for it.
 */
static const int64_t LATER = 20000000, TO_STOP = 1000000000;
static const int64_t SOON = 20000000; /* ns between two processes that are signalled in turn */

int64_t proxy_wait(const struct recording *r, int64_t now, int64_t left)
{
	int64_t until = r->sampler.first + LATER - now;
	if (r->proxy.looked || r->target.group)
		return left;
	until = until > 0 ? until : 0;
	return left < 0 || until < left ? until : left;
}

void proxy_look(struct recording *r, int64_t now)
{
	struct proxy *p = &r->proxy;
	sigemptyset(&p->before);
	if (p->looked || r->target.group || now - r->sampler.first < LATER)
		return;
	p->looked = true;
	if (witness_start(&p->witness, r->target.pid, p->words) < 0)
		return;
	sigpending(&p->before);
	family_ignore(&r->family, p->witness.pid);
}

/* ---- passing it on ---- */

/* What the kernel sends to all of a terminal's foreground group. */
static bool is_of_terminal(const siginfo_t *info)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (info->si_code > 0 && info->si_signo == numbers[i])
			return true;
	return false;
}

/* Who has started us under a launcher signals all that came of it. Of process 1 of a container both
 * numbers are 0, whoever sends from outside: that one signals nobody else. */
static bool is_of_launcher(const struct recording *r, const siginfo_t *info)
{
	return r->batch.on && info->si_code <= 0 && info->si_pid > 0 && info->si_pid == getppid();
}

static bool has_come(struct recording *r, const siginfo_t *info)
{
	struct witness *w = &r->proxy.witness;
	bool alone = w->pid <= 0 || sigismember(&r->proxy.before, info->si_signo) == 1;
	if (w->pid > 0 && witness_is_equal(w, info, r->target.pid) && witness_saw(w, info))
		return true;
	return alone && (is_of_terminal(info) || is_of_launcher(r, info)) &&
	       getpgid(r->target.pid) == getpgrp();
}

/* A queued one with its value, and by whom it was sent: so much may be said of others. */
static int send_on(pid_t pid, const siginfo_t *info)
{
	int number = info->si_signo;
	if (info->si_code < 0 && info->si_code != SI_TKILL &&
	    syscall(SYS_rt_sigqueueinfo, pid, number, info) == 0)
		return 0;
	return kill(pid, number) < 0 ? -errno : 0;
}

static void send_to_target(const struct recording *r, const siginfo_t *info)
{
	int e = r->target.ended ? 0 : send_on(r->target.pid, info);
	if (e < 0 && e != -ESRCH)
		alert("signal %d (%s) cannot be passed on to process %d: %s", info->si_signo,
		      strsignal(info->si_signo), (int)r->target.pid, strerror(-e));
}

/* Those that have outlived the program stand for it. */
static void send_to_heirs(struct recording *r, const siginfo_t *info)
{
	struct witness *w = &r->proxy.witness;
	const struct family *f = &r->family;
	bool seen = witness_saw(w, info);
	for (size_t i = 1; i < f->n; i++)
		if (!f->members[i]->ended &&
		    !(seen && witness_is_equal(w, info, f->members[i]->pid)))
			members_signal(f->members[i], info->si_signo);
}

/* ---- who sent it ---- */

static bool can_end(int number)
{
	static const int numbers[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,   SIGALRM, SIGUSR1,
				       SIGUSR2, SIGXCPU, SIGABRT, SIGVTALRM, SIGPROF };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (number == numbers[i])
			return true;
	return false;
}

/* He may be gone a moment later. */
static void note_sender(struct recording *r, const siginfo_t *info)
{
	struct signal_result *s = &r->signal;
	if (!can_end(info->si_signo))
		return;
	*s = (struct signal_result){ .number = info->si_signo, .terminal = is_of_terminal(info) };
	if (info->si_code <= 0)
		s->pid = info->si_pid;
	if (s->pid > 0 && procfs_once(s->pid, "comm", s->name, sizeof s->name) > 0)
		s->name[strcspn(s->name, "\n")] = '\0';
	else
		*s->name = '\0';
}

void proxy_await_reason(struct recording *r)
{
	int status = r->target.status;
	bool signalled = status < 0 && status != PROFILE_STATUS_UNKNOWN && can_end(-status);
	siginfo_t info;
	if (!r->batch.on || !r->target.ours || !signalled || r->signal.number)
		return;
	while (r->signal.number == 0 && signals_wait(&r->signals, SOON, &info) > 0)
		if (info.si_signo == -status && !signals_is_own(&info))
			note_sender(r, &info);
}

/* ---- stopping with it ---- */

static void hear_of_stops(bool wanted)
{
	const struct sigaction action = { .sa_handler = SIG_DFL,
					  .sa_flags = wanted ? 0 : SA_NOCLDSTOP };
	sigaction(SIGCHLD, &action, NULL);
}

/* The signal that has stopped it; 0: it runs. */
static int stopped_by(const struct recording *r)
{
	siginfo_t info = { 0 };
	id_t pid = (id_t)r->target.pid;
	if (r->target.ended || waitid(P_PID, pid, &info, WSTOPPED | WNOHANG | WNOWAIT) < 0)
		return 0;
	return info.si_pid == r->target.pid ? info.si_status : 0;
}

static void stop_too(struct recording *r, int number)
{
	r->proxy.stopping = 0;
	hear_of_stops(false);
	profile_flush(&r->writer);
	witness_watch(&r->proxy.witness, true);
	signals_suffer(number);
	witness_watch(&r->proxy.witness, false);
}

void proxy_heed(struct recording *r)
{
	if (r->proxy.stopping == 0)
		return;
	int number = stopped_by(r);
	bool late = clock_now() - r->proxy.stopping > TO_STOP;
	if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU ||
	    (number == SIGSTOP && !late))
		stop_too(r, number);
}

/* The shell that waits for us knows only of us. */
static void expect_stop(struct recording *r)
{
	r->proxy.stopping = clock_now();
	hear_of_stops(true);
	proxy_heed(r);
}

void proxy_pass(struct recording *r, const siginfo_t *info)
{
	int number = info->si_signo;
	if (number == SIGCONT && info->si_code <= 0 && info->si_pid == r->proxy.witness.pid)
		return;
	note_sender(r, info);
	if (r->outlived_us)
		send_to_heirs(r, info);
	else if (!has_come(r, info))
		send_to_target(r, info);
	if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU)
		expect_stop(r);
}

void proxy_close(struct proxy *p)
{
	witness_dismiss(&p->witness);
}
