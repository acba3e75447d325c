#include "recorder/heap/preload/lock.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local volatile bool mine;

bool lock_take(void)
{
	if (mine)
		return false;
	mine = true;
	pthread_mutex_lock(&mutex);
	return true;
}

void lock_leave(void)
{
	pthread_mutex_unlock(&mutex);
	mine = false;
}

void lock_forked(void)
{
	mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	mine = false;
}
