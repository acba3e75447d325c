/* Forbids itself all calls of the kernel but read, write and exit, and allocates on. 77: it may not
 * forbid itself anything here. With an argument it only asks in vain whether it could. */
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { N = 4000, SIZE = 1000 };

/* As those do that want to know what the kernel can: without a filter that fails. */
static int ask(void)
{
	int by_prctl = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL);
	long by_itself = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL);
	return by_prctl < 0 && by_itself < 0 ? 0 : -1;
}

int main(int argc, char *argv[])
{
	static char *volatile blocks[N];
	for (size_t i = 0; i < N; i++)
		blocks[i] = malloc(SIZE);
	static void *volatile last; /* so that the end of the heap stays where it is */
	last = malloc(SIZE);
	for (size_t i = 0; i < N; i++)
		free(blocks[i]);
	(void)argv;
	if ((argc > 1 ? ask() : prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) < 0)
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
