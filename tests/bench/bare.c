/* bare PID SECONDS: the least that a sampler can do, to compare with: sleep until the next tick,
 * read statm. Prints nothing and keeps nothing; ends with the process. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 2;
	char path[64], text[256];
	snprintf(path, sizeof path, "/proc/%d/statm", atoi(argv[1]));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 1;
	prctl(PR_SET_TIMERSLACK, 1UL);
	long step = (long)(atof(argv[2]) * 1e9);
	struct timespec tick;
	clock_gettime(CLOCK_MONOTONIC, &tick);
	/* A zombie's statm reads zeros. */
	while (pread(fd, text, sizeof text, 0) > 0 && text[0] != '0') {
		tick.tv_nsec += step;
		tick.tv_sec += tick.tv_nsec / 1000000000;
		tick.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &tick, NULL);
	}
	return 0;
}
