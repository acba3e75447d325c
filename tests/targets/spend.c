/* spend MIB SECONDS: touches so many MiB and holds them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	size_t size = (argc > 1 ? (size_t)atoi(argv[1]) : 1) << 20;
	char *memory = malloc(size);
	if (!memory)
		return 1;
	memset(memory, 1, size);
	usleep((useconds_t)((argc > 2 ? atof(argv[2]) : 0) * 1e6));
	return memory[size / 2] == 1 ? 0 : 1;
}
