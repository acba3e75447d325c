/* daemon MIB SECONDS: a double fork with setsid leaves an orphan that spends so many MiB; we live
 * on a little longer than it. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	size_t size = (size_t)atoi(argv[1]) << 20;
	useconds_t length = (useconds_t)(atof(argv[2]) * 1e6);
	int ends[2];
	char byte;
	if (pipe(ends) < 0)
		return 1;
	pid_t first = fork();
	if (first == 0) {
		setsid();
		if (fork() > 0)
			_exit(0);
		char *memory = malloc(size);
		if (memory)
			memset(memory, 1, size);
		usleep(length);
		_exit(memory && memory[size / 2] == 1 ? 0 : 1);
	}
	waitpid(first, NULL, 0);
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 0) /* until the orphan has ended, too */
		return 1;
	usleep(300000);
	return 0;
}
