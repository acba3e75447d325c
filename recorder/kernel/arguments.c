#include "recorder/kernel/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/procfs.h"

char **arguments_of(pid_t pid, char *text, size_t size)
{
	ssize_t n = procfs_once(pid, "cmdline", text, size);
	size_t count = 0;
	if (n <= 0) {
		n = procfs_once(pid, "comm", text, size);
		if (n > 0)
			text[n - 1] = '\0';
	}
	for (ssize_t i = 0; i < n; i++)
		count += text[i] == '\0';
	char **arguments = calloc(count + 2, sizeof *arguments);
	for (size_t i = 0, at = 0; arguments && i <= count && (ssize_t)at < n;
	     i++, at += strlen(text + at) + 1)
		arguments[i] = text + at;
	return arguments;
}
