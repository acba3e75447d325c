#include "recorder/kernel/quiet_thread.h"

#include <errno.h>
#include <signal.h>

enum { STACK = 1 << 18 }; /* addresses; a few pages of it are used */

int quiet_thread(pthread_t *thread, void *(*run)(void *), void *context)
{
	sigset_t all, before;
	pthread_attr_t small;
	sigfillset(&all);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(thread, &small, run, context);
	if (e == EINVAL) /* the program's thread-local data need more */
		e = pthread_create(thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&small);
	return -e;
}
