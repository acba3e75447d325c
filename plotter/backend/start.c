#include "plotter/backend/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "share/large.h"

static void become(char *const argv[], bool detached, const int ends[3], int report)
{
	int null = open("/dev/null", O_RDWR);
	if (detached)
		setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(ends[fd] < 0 ? null : ends[fd], fd);
	large_restore();
	execvp(argv[0], argv);
	int error = errno;
	ssize_t ignored = write(report, &error, sizeof error);
	(void)ignored;
	_exit(127);
}

pid_t start_program(char *const argv[], bool detached, const int ends[3])
{
	int report[2], error = 0;
	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0)
		become(argv, detached, ends, report[1]);
	pid = pid < 0 ? -errno : pid;
	close(report[1]);
	/* exec closes the other end; what comes through it is why exec failed. */
	if (pid > 0 && read(report[0], &error, sizeof error) == (ssize_t)sizeof error) {
		waitpid(pid, NULL, 0);
		pid = -error;
	}
	close(report[0]);
	return pid;
}
