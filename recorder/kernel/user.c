#include "recorder/kernel/user.h"

#include <stdio.h>
#include <string.h>

#include "recorder/kernel/procfs.h"

static const uid_t NOBODY = 65534;

uid_t user_parse(const char *text)
{
	unsigned users[4];
	const char *line = strstr(text, "\nUid:");
	if (!line ||
	    sscanf(line, "\nUid: %u %u %u %u", &users[0], &users[1], &users[2], &users[3]) != 4)
		return NOBODY;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		if (users[i] != 0)
			return users[i];
	return 0;
}

uid_t user_of(pid_t pid)
{
	char text[4096];
	return procfs_once(pid, "status", text, sizeof text) > 0 ? user_parse(text) : NOBODY;
}
