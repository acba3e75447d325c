#include "recorder/recording/signals.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "recorder/recording/launcher.h"

static const struct {
	int number;
	bool from_terminal; /* the kernel sends it to all of a terminal's foreground group */
} held[] = {
	{ SIGINT, true },   { SIGQUIT, true },  { SIGHUP, true },   { SIGTERM, false },
	{ SIGUSR1, false }, { SIGUSR2, false }, { SIGALRM, false }, { SIGCHLD, false },
};
enum { N_HELD = sizeof held / sizeof *held };

static sigset_t held_set(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < N_HELD; i++)
		sigaddset(&set, held[i].number);
	return set;
}

void signals_hold(struct signals *s)
{
	/* Were SIGCHLD ignored, the kernel would reap the target before we read its status. */
	const struct sigaction usual = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	const struct sigaction none = { .sa_handler = SIG_IGN };
	sigset_t set = held_set();
	s->fd = -1;
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	sigaction(SIGCHLD, &usual, &s->child);
	sigaction(SIGPIPE, &none, &s->pipe);
	sigaction(SIGXFSZ, &none, &s->large);
}

void signals_restore(const struct signals *s)
{
	sigaction(SIGCHLD, &s->child, NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	sigaction(SIGXFSZ, &s->large, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

int signals_wait(int64_t nanoseconds, siginfo_t *info)
{
	const struct timespec limit = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
	sigset_t set = held_set();
	int number = nanoseconds < 0 ? sigwaitinfo(&set, info) : sigtimedwait(&set, info, &limit);
	return number > 0 ? number : 0;
}

int signals_open(struct signals *s)
{
	sigset_t set = held_set();
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd < 0 ? -errno : 0;
}

static bool is_from_terminal(int number)
{
	for (size_t i = 0; i < N_HELD; i++)
		if (held[i].number == number)
			return held[i].from_terminal;
	return false;
}

bool signals_has_reached(const siginfo_t *info, pid_t target)
{
	if (info->si_code > 0) /* from the kernel; in our group is who did not leave it */
		return is_from_terminal(info->si_signo) && getpgid(target) == getpgrp();
	return info->si_pid == getppid() && launcher_signals_all();
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

static int die_of(int number)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	const struct rlimit none = { 0, 0 };
	sigset_t set;
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL); /* a core_pattern with a pipe heeds no limit */
	sigaction(number, &usual, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + number; /* process 1 of a container cannot die of it */
}

int signals_end(int status)
{
	return status < 0 ? die_of(-status) : status;
}
