/* Stopping threads that end at that very moment leaves none of them behind. */
#include "recorder/python/stop.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"

/* ---- a process whose threads come and go ---- */

static void *spin(void *argument)
{
	for (volatile int i = 0; i < 20000; i++)
		continue;
	return argument;
}

static atomic_bool enough;

static void be_enough(int signal)
{
	(void)signal;
	atomic_store(&enough, true);
}

static _Noreturn void come_and_go(void)
{
	struct sigaction action = { .sa_handler = be_enough };
	sigaction(SIGUSR1, &action, NULL);
	while (!atomic_load(&enough)) {
		pthread_t threads[2];
		for (int i = 0; i < 2; i++)
			if (pthread_create(&threads[i], NULL, spin, NULL) != 0)
				_exit(1);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
	}
	for (;;)
		pause();
}

/* ---- looking at it ---- */

/* Its threads but the first, each handed to `see`; how many. */
static int each_thread(pid_t pid, void (*see)(pid_t pid, pid_t thread))
{
	char path[64];
	int n = 0;
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		pid_t thread = atoi(entry->d_name);
		if (thread <= 0 || thread == pid)
			continue;
		n++;
		if (see)
			see(pid, thread);
	}
	if (folder)
		closedir(folder);
	return n;
}

static int stopped;

static void stop_one(pid_t pid, pid_t thread)
{
	struct stop stop;
	stopped += stop_make(&stop, pid, thread);
	stop_release(&stop);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void threads_that_end_meanwhile(void)
{
	pid_t pid = fork();
	if (pid == 0)
		come_and_go();
	for (double end = seconds() + 2; seconds() < end;)
		each_thread(pid, stop_one);
	kill(pid, SIGUSR1);
	int left = -1;
	for (double end = seconds() + 5; left != 0 && seconds() < end;) {
		usleep(20000);
		left = each_thread(pid, NULL);
	}
	printf("# %d stopped\n", stopped);
	CHECK_INT(left, 0);
	kill(pid, SIGKILL);
	/* A thread that is left behind holds up the end of all. */
	int status = 0;
	pid_t ended = 0;
	for (double end = seconds() + 5; ended == 0 && seconds() < end; usleep(20000))
		ended = waitpid(pid, &status, WNOHANG);
	CHECK_INT(ended, pid);
	CHECK_INT(WTERMSIG(status), SIGKILL);
}

int main(void)
{
	RUN(threads_that_end_meanwhile);
	return DONE();
}
