#include "recorder/recording/signals.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "share/large.h"

/* What ends a recording of somebody else's process, and what our own work may raise. */
static const int held[] = { SIGINT,  SIGQUIT, SIGHUP,  SIGTERM, SIGUSR1,
			    SIGUSR2, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ };

static const int timers[SIGNALS_TIMERS] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

static void block(struct signals *s)
{
	/* Were SIGCHLD ignored, the kernel would reap the target before we read its status. */
	const struct sigaction usual = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	s->fd = -1;
	sigprocmask(SIG_BLOCK, &s->held, &s->mask);
	sigaction(SIGCHLD, &usual, &s->child);
}

void signals_hold(struct signals *s)
{
	*s = (struct signals){ 0 };
	sigemptyset(&s->held);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(&s->held, held[i]);
	block(s);
}

/* exec leaves timers running, and the wish for a signal at the parent's end; fork does not. */
void signals_stand_in(struct signals *s)
{
	const struct itimerval none = { 0 };
	*s = (struct signals){ 0 };
	sigfillset(&s->held);
	block(s);
	for (int i = 0; i < SIGNALS_TIMERS; i++)
		if (getitimer(timers[i], &s->timers[i]) == 0 &&
		    (s->timers[i].it_value.tv_sec || s->timers[i].it_value.tv_usec))
			setitimer(timers[i], &none, &s->timers[i]);
	prctl(PR_GET_PDEATHSIG, &s->with_parent, 0UL, 0UL, 0UL);
	prctl(PR_GET_CHILD_SUBREAPER, &s->reaper, 0UL, 0UL, 0UL);
}

/* The C library keeps two real-time signals to itself and would unblock them. */
void signals_restore(const struct signals *s)
{
	sigaction(SIGCHLD, &s->child, NULL);
	large_restore();
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &s->mask, NULL, _NSIG / 8);
}

void signals_hand_over(const struct signals *s)
{
	for (int i = 0; i < SIGNALS_TIMERS; i++)
		if (s->timers[i].it_value.tv_sec || s->timers[i].it_value.tv_usec)
			setitimer(timers[i], &s->timers[i], NULL);
	if (s->with_parent)
		prctl(PR_SET_PDEATHSIG, (unsigned long)s->with_parent, 0UL, 0UL, 0UL);
	if (s->reaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
}

int signals_wait(const struct signals *s, int64_t nanoseconds, siginfo_t *info)
{
	const struct timespec limit = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
	int number = nanoseconds < 0 ? sigwaitinfo(&s->held, info)
				     : sigtimedwait(&s->held, info, &limit);
	return number > 0 ? number : 0;
}

int signals_open(struct signals *s)
{
	s->fd = signalfd(-1, &s->held, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd < 0 ? -errno : 0;
}

/* For a broken pipe or a file that is too large the kernel sends in our own name. */
bool signals_is_own(const siginfo_t *info)
{
	int number = info->si_signo;
	if (info->si_code <= 0)
		return info->si_code != SI_QUEUE && info->si_pid == getpid();
	return number == SIGCHLD || number == SIGXCPU || number == SIGPIPE || number == SIGXFSZ;
}

bool signals_is_ignored(int number)
{
	struct sigaction action;
	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void signals_close(struct signals *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void signals_suffer(int number)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	struct sigaction before;
	sigset_t set, mask;
	sigaction(number, &usual, &before);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(number, &before, NULL);
}

static int die_of(int number)
{
	const struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL); /* a core_pattern with a pipe heeds no limit */
	signals_suffer(number);
	return 128 + number; /* process 1 of a container cannot die of it */
}

int signals_end(int status)
{
	return status < 0 ? die_of(-status) : status;
}
