#include "plotter/backend/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plotter/backend/start.h"

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_pipes(int pipes[3][2])
{
	for (int i = 0; i < 3; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (int i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			return -errno;
	return 0;
}

int pipe_start(struct pipe_program *p, char *const argv[], bool detached)
{
	enum { IN, OUT, ERR };
	int pipes[3][2];
	int r = open_pipes(pipes);
	const int ends[] = { pipes[IN][0], detached ? -1 : pipes[OUT][1], pipes[ERR][1] };
	*p = (struct pipe_program){ .in = -1, .out = -1, .err = -1 };
	pid_t pid = r < 0 ? r : start_program(argv, detached, ends);
	close_end(&pipes[IN][0]);
	close_end(&pipes[OUT][1]);
	close_end(&pipes[ERR][1]);
	if (pid < 0) {
		close_end(&pipes[IN][1]);
		close_end(&pipes[OUT][0]);
		close_end(&pipes[ERR][0]);
		return pid;
	}
	*p = (struct pipe_program){
		.pid = pid, .in = pipes[IN][1], .out = pipes[OUT][0], .err = pipes[ERR][0]
	};
	fcntl(p->in, F_SETFL, O_NONBLOCK);
	return 0;
}

static void feed(struct pipe_program *p, const char **bytes, size_t *size)
{
	ssize_t n = write(p->in, *bytes, *size);
	if (n > 0) {
		*bytes += n;
		*size -= (size_t)n;
	}
	if (*size == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&p->in); /* all said, or nobody listens any more */
}

static int hear(struct pipe_program *p, FILE *out)
{
	char block[65536];
	ssize_t n = read(p->out, block, sizeof block);
	if (n <= 0)
		close_end(&p->out);
	else if (fwrite(block, 1, (size_t)n, out) != (size_t)n)
		return errno ? -errno : -EIO;
	return 0;
}

/* Keeps the first line that says something; the rest is read and dropped, lest the program wait. */
static void hear_complaint(struct pipe_program *p)
{
	char block[4096];
	ssize_t n = read(p->err, block, sizeof block - 1);
	if (n <= 0) {
		close_end(&p->err);
		return;
	}
	block[n] = '\0';
	char *line = block + strspn(block, " \t\r\n^");
	line[strcspn(line, "\r\n")] = '\0';
	if (p->complaint[0] == '\0')
		snprintf(p->complaint, sizeof p->complaint, "%.*s", (int)sizeof p->complaint - 1,
			 line);
}

/* A detached program's helpers may hold its standard error for as long as they live: only its own
 * end is waited for. */
static bool has_ended(struct pipe_program *p, int *status, bool wait)
{
	if (p->pid > 0 && waitpid(p->pid, status, wait ? 0 : WNOHANG) == p->pid)
		p->pid = 0;
	return p->pid == 0;
}

int pipe_run(struct pipe_program *p, const char *bytes, size_t size, FILE *out)
{
	struct sigaction before;
	int status = 0, r = 0;
	bool detached = false;
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, &before);
	while (r == 0 && (p->in >= 0 || p->out >= 0 || p->err >= 0)) {
		struct pollfd ends[] = { { .fd = p->in, .events = POLLOUT },
					 { .fd = p->out, .events = POLLIN },
					 { .fd = p->err, .events = POLLIN } };
		detached = p->in < 0 && p->out < 0;
		if (poll(ends, 3, detached ? 20 : -1) < 0 && errno != EINTR)
			r = -errno;
		if (r == 0 && ends[0].revents)
			feed(p, &bytes, &size);
		if (r == 0 && ends[1].revents)
			r = hear(p, out);
		if (r == 0 && ends[2].revents)
			hear_complaint(p);
		else if (detached && has_ended(p, &status, false))
			break;
	}
	close_end(&p->in);
	close_end(&p->out);
	close_end(&p->err);
	has_ended(p, &status, true);
	sigaction(SIGPIPE, &before, NULL);
	if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		r = -EIO;
	return r;
}
