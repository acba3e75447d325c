#include "share/profile/quiet_write.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

/* Where the program has blocked it and one waits for it, there is but that one. */
static bool waits(const sigset_t *mask, int number)
{
	sigset_t pending;
	return sigismember(mask, number) == 1 && sigpending(&pending) == 0 &&
	       sigismember(&pending, number) == 1;
}

ssize_t quiet_write(int fd, const void *text, size_t n)
{
	static const struct timespec now;
	sigset_t set, mask;
	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &mask);
	bool large = waits(&mask, SIGXFSZ), broken = waits(&mask, SIGPIPE);
	ssize_t written = write(fd, text, n);
	int e = errno;
	if (written < 0 && ((e == EFBIG && !large) || (e == EPIPE && !broken))) {
		sigemptyset(&set);
		sigaddset(&set, e == EFBIG ? SIGXFSZ : SIGPIPE);
		sigtimedwait(&set, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	errno = e;
	return written;
}
