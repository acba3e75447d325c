/* state: prints what a program inherits, one line each: signal mask, ignored signals, umask, open
 * files and their limit, process group, timer slack, subreaper, and whatever else there is of this
 * kind: timers (set or not), what comes at the parent's end, priority, scheduling, processors, the
 * OOM killer's score. The same in and out of a recorder. */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void print_files(void)
{
	int fds[256], n = 0;
	DIR *folder = opendir("/proc/self/fd");
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder)) && n < 256;)
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder))
			fds[n++] = atoi(entry->d_name);
	closedir(folder);
	qsort(fds, (size_t)n, sizeof *fds, by_value);
	printf("files");
	for (int i = 0; i < n; i++)
		printf(" %d", fds[i]);
	printf("\n");
}

static void print_text(const char *name, const char *path)
{
	char text[256] = "";
	FILE *file = fopen(path, "r");
	if (file && fgets(text, sizeof text, file))
		text[strcspn(text, "\n")] = '\0';
	if (file)
		fclose(file);
	printf("%s %s\n", name, text);
}

static void print_timers(void)
{
	static const int timers[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	printf("timers");
	for (int i = 0; i < 3; i++) {
		struct itimerval timer = { 0 };
		getitimer(timers[i], &timer);
		printf(" %s", timer.it_value.tv_sec || timer.it_value.tv_usec ? "set" : "none");
	}
	printf("\n");
}

static void print_scheduling(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
	printf("nice %d\npolicy %d\nprocessors %d\n", getpriority(PRIO_PROCESS, 0),
	       sched_getscheduler(0), n);
}

static void print_flags(void)
{
	int parent = 0;
	prctl(PR_GET_PDEATHSIG, &parent, 0, 0, 0);
	printf("parent %d\nprivileges %d\ncapabilities %d\ndumpable %d\n", parent,
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0),
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

int main(void)
{
	sigset_t mask;
	struct rlimit limit;
	int reaper = 0;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	printf("blocked");
	for (int i = 1; i < 65; i++)
		if (sigismember(&mask, i) == 1)
			printf(" %d", i);
	printf("\nignored");
	for (int i = 1; i < 65; i++) {
		struct sigaction action;
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			printf(" %d", i);
	}
	mode_t before = umask(0);
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("\numask %o\nlimit %lu %lu\n", before, (unsigned long)limit.rlim_cur,
	       (unsigned long)limit.rlim_max);
	prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0);
	printf("group %d\nslack %d\nreaper %d\n", getpgrp(), prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0),
	       reaper);
	print_timers();
	print_scheduling();
	print_flags();
	print_text("score", "/proc/self/oom_score_adj");
	print_files();
	return 0;
}
