/* spikes COUNT MIB PAUSE [hide] [end] [exec]: so many spikes of MIB to twice that, held for 1 ms,
 * with about PAUSE seconds between them, above 20 MiB that stay. Prints a line for each: its MiB
 * and the moments between which it was held. `hide`: not dumpable. `end`: ends with the last one,
 * at once. `exec`: executes itself again before the last one, without these words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void spike(size_t mib, int ends)
{
	size_t size = mib << 20;
	double from = now();
	volatile char *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		exit(1);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	usleep(1000);
	printf("%zu %.6f %.6f\n", mib, from, now());
	fflush(stdout);
	if (ends)
		_exit(0);
	munmap((void *)memory, size);
}

static int has(int argc, char *argv[], const char *word)
{
	for (int i = 4; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return 1;
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc < 4)
		return 2;
	int count = atoi(argv[1]), least = atoi(argv[2]), again = has(argc, argv, "exec");
	double pause = atof(argv[3]);
	/* volatile: a compiler may leave out memory whose content it knows */
	volatile char *base = malloc(20 << 20);
	if (!base)
		return 1;
	for (size_t i = 0; i < 20 << 20; i += 4096)
		base[i] = 1;
	if (has(argc, argv, "hide"))
		prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
	srand(7);
	usleep(300000);
	for (int i = 0; i < count; i++) {
		usleep((useconds_t)(pause * 1e6 * (0.5 + rand() / (double)RAND_MAX)));
		if (again && i == count - 1)
			execl("/proc/self/exe", argv[0], "1", argv[2], argv[3], (char *)NULL);
		spike((size_t)(least + rand() % least), i == count - 1 && has(argc, argv, "end"));
	}
	usleep(300000);
	return base[4096] != 1;
}
