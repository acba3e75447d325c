/* Allocates so many MiB in blocks of so many bytes, frees all but each n-th (0: every block), and
 * rests for so many seconds; then prints when it did, and what malloc_trim(0) gives back, KiB. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long resident(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file && fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char *argv[])
{
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 200) * 1048576 / size;
	size_t each = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	char **blocks = malloc((n + 1) * sizeof *blocks);
	for (size_t i = 0; i < n; i++)
		memset(blocks[i] = malloc(size), 1, size);
	void *last = malloc(64); /* so that the end of the heap stays where it is */
	for (size_t i = 0; i < n; i++)
		if (each == 0 || i % each != 0)
			free(blocks[i]);
	nanosleep(&(struct timespec){ argc > 4 ? atoi(argv[4]) : 2, 0 }, NULL);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	long before = resident();
	malloc_trim(0);
	printf("%ld %ld\n", (long)now.tv_sec, before - resident());
	fflush(stdout);
	_exit(last && blocks ? 0 : 1);
}
