/* borrow MIB SECONDS vfork|clone: spends so many MiB, and has a child that uses this same memory
 * for so long: before it calls exec to sleep as long again, or until its end. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static useconds_t length;

static int borrow(void *unused)
{
	(void)unused;
	usleep(length);
	_exit(0);
}

int main(int argc, char *argv[])
{
	static char stack[65536];
	if (argc < 4)
		return 2;
	size_t size = (size_t)atoi(argv[1]) << 20;
	char *memory = malloc(size);
	if (!memory)
		return 1;
	memset(memory, 1, size);
	length = (useconds_t)(atof(argv[2]) * 1e6);
	pid_t pid;
	if (argv[3][0] == 'c') {
		pid = clone(borrow, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
	} else {
		pid = vfork();
		if (pid == 0) {
			usleep(length);
			execlp("sleep", "sleep", argv[2], (char *)NULL);
			_exit(1);
		}
	}
	int status = 1;
	waitpid(pid, &status, 0);
	return status != 0 || memory[size / 2] != 1;
}
