/* heard: prints "ready PID", then number, si_code, value and sender of each signal that comes,
 * until SIGTERM has and another 0.2 s have passed, or 10 s. With an argument, it leaves the process
 * group first. SIGTERM may come more than once. */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct timespec limit = { 10, 0 };
	siginfo_t info;
	sigset_t set;
	(void)argv;
	if (argc > 1)
		setpgid(0, 0);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("ready %d\n", getpid());
	fflush(stdout);
	while (sigtimedwait(&set, &info, &limit) > 0) {
		printf("%d %d %d %d\n", info.si_signo, info.si_code,
		       info.si_code == SI_QUEUE ? info.si_value.sival_int : 0,
		       info.si_code <= 0 ? info.si_pid : 0);
		fflush(stdout);
		if (info.si_signo == SIGTERM)
			limit = (struct timespec){ 0, 200000000 };
	}
	return 0;
}
