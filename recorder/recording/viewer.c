#include "recorder/recording/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/recording/recording.h"
#include "share/environment.h"
#include "share/fault.h"
#include "share/large.h"

static const int64_t TICK = 50000000;       /* ns between two looks at whether it has ended */
static const int64_t PATIENCE = 5000000000; /* ns for a terminal to be opened */

/* ---- what is started ---- */

/* This very program, and the file, whatever folder it is called from. */
struct words {
	char program[PATH_MAX], path[PATH_MAX];
};

static bool find_words(struct words *w, const struct recording *r)
{
	ssize_t n = readlink("/proc/self/exe", w->program, sizeof w->program - 1);
	w->program[n > 0 ? n : 0] = '\0';
	return n > 0 && r->file.named && realpath(r->path, w->path);
}

static void sit_on_null(void)
{
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

/* ---- elsewhere ---- */

/* A child that starts the terminal as nobody's child, or waits for the client that asks for it. */
static int open_by(char *const words[], bool apart)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	large_restore();
	setsid();
	sit_on_null();
	if (apart && fork() != 0)
		_exit(0);
	execvp(words[0], words);
	_exit(127);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ 0, TICK / 10 }, NULL);
}

/* Did it end well, and soon? */
static bool has_opened(pid_t pid)
{
	int status;
	for (int64_t waited = 0; pid > 0 && waited < PATIENCE; waited += TICK / 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		nap();
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return false;
}

/* Beside the pane that the program runs in, which keeps what is typed. */
static bool open_pane(struct words *w)
{
	const char *pane = environment_word("TMUX_PANE");
	char *words[] = { (char[]){ "tmux" },
			  (char[]){ "split-window" },
			  (char[]){ "-d" },
			  (char[]){ "-t" },
			  (char *)pane,
			  w->program,
			  (char[]){ "live" },
			  w->path,
			  NULL };
	return environment_word("TMUX") && pane && has_opened(open_by(words, false));
}

/* Debian's word for the one that is liked best. */
static bool open_window(struct words *w)
{
	char path[PATH_MAX];
	char *words[] = { (char[]){ "x-terminal-emulator" },
			  (char[]){ "-e" },
			  w->program,
			  (char[]){ "live" },
			  w->path,
			  NULL };
	return environment_has_display() &&
	       environment_find(words[0], environment_is_executable, path) &&
	       has_opened(open_by(words, true));
}

/* ---- in one line ---- */

/* Ours, and in front, and the program prints nothing to it. */
static int open_free_terminal(void)
{
	const char *name = environment_word("TERM");
	if (!name || strcmp(name, "dumb") == 0 || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO))
		return -1;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && tcgetpgrp(fd) == getpgrp())
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Nobody's child, so that whoever counts ours finds none; it ends when the leash does. */
static void put_line(struct words *w, int terminal, int leash)
{
	sit_on_null();
	if (dup2(leash, STDIN_FILENO) < 0 || dup2(terminal, STDOUT_FILENO) < 0 || fork() != 0)
		_exit(0);
	execl(w->program, w->program, "live", "--line", w->path, (char *)NULL);
	_exit(127);
}

static bool open_line(struct recording *r, struct words *w)
{
	int ends[2], terminal = open_free_terminal();
	if (terminal < 0)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		close(terminal);
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		large_restore();
		put_line(w, terminal, ends[1]);
	}
	close(terminal);
	close(ends[1]);
	if (pid > 0 && waitpid(pid, NULL, 0) == pid)
		r->viewer_leash = ends[0];
	else
		close(ends[0]);
	return r->viewer_leash > 0;
}

/* It takes its line away before the shell writes its own. */
static void wait_for_line(struct recording *r)
{
	enum { PATIENT = 1000 /* ms */ };
	struct pollfd end = { .fd = r->viewer_leash, .events = POLLIN };
	if (r->viewer_leash <= 0)
		return;
	shutdown(r->viewer_leash, SHUT_WR);
	poll(&end, 1, PATIENT);
	close(r->viewer_leash);
	r->viewer_leash = 0;
}

void viewer_open_elsewhere(struct recording *r)
{
	static struct words words;
	if (!find_words(&words, r))
		notice("--live: %s is no file that could be looked at", r->path);
	else if (!open_pane(&words) && !open_window(&words) && !open_line(r, &words))
		notice("--live: there is neither tmux nor a window for it here; in another "
		       "terminal: mprof-c live %s",
		       words.path);
}

/* ---- here ---- */

void viewer_open_here(struct recording *r)
{
	static struct words words;
	if (!find_words(&words, r)) {
		notice("--live: %s is no file that could be looked at", r->path);
		return;
	}
	pid_t recorder = getpid();
	r->viewer = fork();
	if (r->viewer != 0)
		return;
	/* Were we killed, a shell would want its terminal back as it was. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != recorder)
		_exit(0);
	large_restore();
	signals_restore(&r->signals);
	execl(words.program, words.program, "live", "--beside", words.path, (char *)NULL);
	_exit(127);
}

/* Who ends us ends it: it gives the terminal back. */
static bool is_told_to_end(const struct recording *r)
{
	siginfo_t info;
	int number = signals_wait(&r->signals, TICK, &info);
	return number > 0 && number != SIGCHLD && !signals_is_own(&info) &&
	       !signals_is_ignored(number);
}

void viewer_wait(struct recording *r)
{
	bool over = r->interrupted != 0;
	wait_for_line(r);
	if (r->viewer <= 0)
		return;
	do {
		if (over)
			kill(r->viewer, SIGTERM);
		if (waitpid(r->viewer, NULL, WNOHANG) != 0)
			break;
		over = is_told_to_end(r);
	} while (true);
	r->viewer = 0;
}
