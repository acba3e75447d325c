#include "share/source_text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/text.h"

enum { LONGEST = 1024, SHOWN = 72, MOST_LINES = 1000000 };

/* Nothing that one could wait for: the path is the recording's word. */
static FILE *open_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	FILE *file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? fdopen(fd, "r") : NULL;
	if (!file)
		close(fd);
	return file;
}

static double cells(void *context, const char *text)
{
	double n = 0;
	(void)context;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

char *source_text(const char *path, int line)
{
	char text[LONGEST];
	bool begins = true;
	int at = 0;
	FILE *file = line > 0 && line < MOST_LINES ? open_file(path) : NULL;
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
	char *shown = n ? text_printable(from) : NULL;
	if (shown)
		text_shorten(shown, SHOWN, cells, NULL);
	return shown;
}
