/* signals: prints "ready", then the name of each signal that arrives, until SIGTERM has, or 10 s
 * have passed. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct timespec limit = { 10, 0 };
		int signal = sigtimedwait(&set, NULL, &limit);
		if (signal < 0)
			return 1;
		if (signal == SIGCHLD || signal == SIGCONT)
			continue;
		printf("%d\n", signal);
		fflush(stdout);
		if (signal == SIGTERM)
			return 0;
	}
}
