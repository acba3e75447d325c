#include "recorder/recording/launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

/* A process of that environment, which waits. */
static pid_t start(const char *const environment[])
{
	int ends[2];
	char byte;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		execle("/bin/sleep", "sleep", "30", (char *)NULL, environment);
		_exit(127);
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0) /* until it is executed */
		continue;
	close(ends[0]);
	return pid;
}

static void another_process_is_asked(void)
{
	const char *const environment[] = { "OMPI_COMM_WORLD_RANK=12", "OMPI_COMM_WORLD_SIZE=16",
					    "PMIX_NAMESPACE=9", "PMIX_RANK=12", NULL };
	struct launcher l;
	setenv("PMI_RANK", "3", 1);
	pid_t pid = start(environment);
	launcher_ask(&l, pid);
	CHECK_STR(l.name, "openmpi");
	CHECK_STR(l.rank, "12");
	CHECK_STR(l.job, "9");
	CHECK_INT(launcher_ranks(&l), 16);
	CHECK(launcher_is_aside(&l));
	launcher_free(&l);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	launcher_ask(&l, getpid());
	CHECK_STR(l.name, "pmi");
	CHECK_INT(launcher_ranks(&l), 0);
	launcher_free(&l);
}

static void of_nobody_nothing_is_known(void)
{
	struct launcher l;
	launcher_ask(&l, 0);
	CHECK(!l.name && !l.rank && !l.job && !*l.node && !launcher_is_aside(&l));
	launcher_free(&l);
}

int main(void)
{
	RUN(another_process_is_asked);
	RUN(of_nobody_nothing_is_known);
	return DONE();
}
