/* share MIB CHILDREN SECONDS: touches memory, then forks children that only look at it. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 4)
		return 2;
	size_t size = (size_t)atoi(argv[1]) << 20;
	useconds_t length = (useconds_t)(atof(argv[3]) * 1e6);
	char *memory = malloc(size);
	if (!memory)
		return 1;
	memset(memory, 1, size);
	for (int i = atoi(argv[2]); i > 0; i--)
		if (fork() == 0) {
			long sum = 0;
			for (size_t at = 0; at < size; at += 4096)
				sum += memory[at];
			usleep(length);
			_exit(sum > 0 ? 0 : 1);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
