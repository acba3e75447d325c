#include "recorder/native/guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

/* Of processor time; a tick is dear only while somebody works. */
static const struct timeval TICK = { 0, 250000 };
enum { MOST_TICKS = 8, ALTERNATE = 64 << 10 };

static sigjmp_buf back;
static volatile sig_atomic_t guarded, ticks;

static void give_up(int signal)
{
	if (signal == SIGPROF && (!guarded || ++ticks < MOST_TICKS))
		return;
	if (guarded)
		siglongjmp(back, 1);
	struct sigaction plain = { .sa_handler = SIG_DFL }; /* our own fault: it is met again */
	sigaction(signal, &plain, NULL);
}

void guard_open(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF };
	static char stack[ALTERNATE];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction action = { .sa_handler = give_up, .sa_flags = SA_ONSTACK | SA_RESTART };
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, NULL);
	setitimer(ITIMER_PROF, &(struct itimerval){ TICK, TICK }, NULL);
}

bool guard_run(void (*call)(void *context), void *context)
{
	if (sigsetjmp(back, 1) != 0) {
		guarded = 0;
		return false;
	}
	ticks = 0;
	guarded = 1;
	call(context);
	guarded = 0;
	return true;
}
