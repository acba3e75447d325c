/* Linked statically, it holds less than the recorder does. Prints its own high-water mark. */
#include <stdio.h>
#include <string.h>

int main(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (strncmp(line, "VmHWM", 5) == 0)
			fputs(line, stdout);
	return 0;
}
