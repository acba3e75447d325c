/* state: prints what a program inherits, one line each: signal mask, ignored signals, umask, open
 * files and their limit, process group, timer slack, subreaper. The same in and out of a recorder.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
	print_files();
	return 0;
}
