/* threads MIB SECONDS: a second thread forks a child that spends so many MiB: the kernel lists it
 * under that thread. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t size;
static useconds_t length;

static void *work(void *unused)
{
	pid_t pid = fork();
	if (pid == 0) {
		char *memory = malloc(size);
		if (memory)
			memset(memory, 1, size);
		usleep(length);
		_exit(memory && memory[size / 2] == 1 ? 0 : 1);
	}
	waitpid(pid, NULL, 0);
	return unused;
}

int main(int argc, char *argv[])
{
	pthread_t thread;
	size = (argc > 1 ? (size_t)atoi(argv[1]) : 1) << 20;
	length = (useconds_t)((argc > 2 ? atof(argv[2]) : 0) * 1e6);
	if (pthread_create(&thread, NULL, work, NULL) != 0)
		return 1;
	return pthread_join(thread, NULL);
}
