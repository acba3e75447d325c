#include "plotter/screen/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { MILLISECOND = 1000000, SECOND = 1000 };

/* The terminal as it was, and the signals that wait until it is so again. */
struct listening {
	struct termios before;
	sigset_t signals;
};

static long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * SECOND + now.tv_nsec / MILLISECOND;
}

/* One and the same terminal, which is ours. */
static int check_terminal(void)
{
	struct stat in, out;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || fstat(STDIN_FILENO, &in) < 0 ||
	    fstat(STDOUT_FILENO, &out) < 0 || in.st_rdev != out.st_rdev)
		return -ENOTTY;
	return tcgetpgrp(STDIN_FILENO) == getpgrp() ? 0 : -EPERM;
}

static int begin(struct listening *l)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t signals;
	if (tcgetattr(STDIN_FILENO, &l->before) < 0)
		return -errno;
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(&signals, held[i]);
	sigprocmask(SIG_BLOCK, &signals, &l->signals);
	struct termios raw = l->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	return tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0 ? -errno : 0;
}

static void end(const struct listening *l)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &l->before);
	sigprocmask(SIG_SETMASK, &l->signals, NULL);
}

/* Keys go back to where they came from; a system that has no TIOCSTI any more loses them. */
static void give_back(const char *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ioctl(STDIN_FILENO, TIOCSTI, &keys[i]);
}

static bool has_come(long deadline)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	long left = deadline - now_ms();
	return poll(&in, 1, left > 0 ? (int)left : 0) > 0;
}

/* Byte by byte: what comes behind the last answer is not ours. Until `deadline`; one that has begun
 * by then is not left in halves. */
static void collect(struct answer *answer, long deadline)
{
	enum { REST = 100 /* ms */ };
	char keys[8 * ANSWER_LONGEST], byte;
	size_t n = 0;
	while (!answer->done && n + ANSWER_LONGEST < sizeof keys) {
		if (!has_come(deadline) && (answer->n == 0 || !has_come(now_ms() + REST)))
			break;
		if (read(STDIN_FILENO, &byte, 1) != 1)
			break;
		size_t strange = answer_take(answer, byte);
		memcpy(keys + n, answer->held, strange);
		n += strange;
	}
	give_back(keys, n);
}

static int ask(struct answer *answer, int milliseconds)
{
	int typed = 0;
	size_t n = strlen(answer_questions);
	if (ioctl(STDIN_FILENO, FIONREAD, &typed) < 0 || typed > 0)
		return -EBUSY;
	if (write(STDOUT_FILENO, answer_questions, n) != (ssize_t)n)
		return -EIO;
	collect(answer, now_ms() + milliseconds);
	return answer->done ? 0 : -ETIMEDOUT;
}

int ask_terminal(struct answer *answer, int milliseconds)
{
	struct listening listening;
	int r = check_terminal();
	if (r < 0)
		return r;
	r = begin(&listening);
	if (r == 0)
		r = ask(answer, milliseconds);
	end(&listening);
	return r;
}

void ask_again(struct answer *answer, int milliseconds)
{
	struct listening listening;
	if (check_terminal() < 0)
		return;
	if (begin(&listening) == 0)
		collect(answer, now_ms() + milliseconds);
	if (!answer->done && answer->n == 1) /* of no sequence: the key */
		give_back(answer->held, answer->n);
	end(&listening);
}
