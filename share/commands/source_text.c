#include "share/commands/source_text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/text.h"

enum { LONGEST = 1024, MOST_LINES = 1000000 };

/* Nothing that one could wait for: the path is the recording's word. */
static FILE *open_file(const char *path, int64_t us)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	bool good = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		    status.st_mtim.tv_sec <= us / 1000000;
	FILE *file = good ? fdopen(fd, "r") : NULL;
	if (!file)
		close(fd);
	return file;
}

char *source_text(const char *path, int line, int64_t us)
{
	char text[LONGEST];
	bool begins = true;
	int at = 0;
	FILE *file = line > 0 && line < MOST_LINES ? open_file(path, us) : NULL;
	while (file && at < line && fgets(text, sizeof text, file)) {
		at += begins;
		begins = strchr(text, '\n') != NULL;
	}
	if (file)
		fclose(file);
	if (line <= 0 || at != line)
		return NULL;
	char *from = text + strspn(text, " \t");
	size_t n = strlen(from);
	while (n > 0 && strchr(" \t\r\n", from[n - 1]))
		from[--n] = '\0';
	return n ? text_printable(from) : NULL;
}
