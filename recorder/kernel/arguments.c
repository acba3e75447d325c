#include "recorder/kernel/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/procfs.h"

enum { LONGEST = 1 << 17 };

/* Into `text`; how long it is, with the NUL that ends each argument. */
static size_t fetch(pid_t pid, char text[LONGEST])
{
	ssize_t n = procfs_once(pid, "cmdline", text, LONGEST);
	if (n > 0)
		return (size_t)n;
	n = procfs_once(pid, "comm", text, LONGEST);
	if (n > 0)
		text[n - 1] = '\0';
	return n > 0 ? (size_t)n : 0;
}

char **arguments_of(pid_t pid)
{
	char *text = malloc(LONGEST), **arguments = NULL;
	size_t n = text ? fetch(pid, text) : 0, count = 0;
	for (size_t i = 0; i < n; i++)
		count += text[i] == '\0';
	size_t room = (count + 2) * sizeof *arguments;
	if (text)
		arguments = calloc(1, room + n + 1);
	char *copy = (char *)arguments + room;
	if (arguments && n > 0)
		memcpy(copy, text, n);
	for (size_t i = 0, at = 0; arguments && i <= count && at < n;
	     i++, at += strlen(copy + at) + 1)
		arguments[i] = copy + at;
	free(text);
	return arguments;
}
