/* Forbids itself all calls of the kernel but read, write and exit, and allocates on. 77: it may not
 * forbid itself anything here. */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { N = 4000, SIZE = 1000 };

int main(void)
{
	static char *volatile blocks[N];
	for (size_t i = 0; i < N; i++)
		blocks[i] = malloc(SIZE);
	static void *volatile last; /* so that the end of the heap stays where it is */
	last = malloc(SIZE);
	for (size_t i = 0; i < N; i++)
		free(blocks[i]);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
		return 77;
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < N / 2; i++)
			blocks[i] = malloc(SIZE);
		for (size_t i = 0; i < N / 2; i++)
			free(blocks[i]);
	}
	ssize_t n = write(1, "done\n", 5);
	syscall(SYS_exit, n == 5 && last ? 0 : 1);
}
