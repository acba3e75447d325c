#include "recorder/recording/naming.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/recording/launcher.h"
#include "share/profile/profile.h"

enum { STAMP_SIZE = 32, TRIES = 100000 };

static const char *stamp(char out[STAMP_SIZE], time_t now)
{
	struct tm local;
	if (!localtime_r(&now, &local) || strftime(out, STAMP_SIZE, "%Y%m%d%H%M%S", &local) == 0)
		strcpy(out, "00000000000000");
	return out;
}

/* What one letter stands for; NULL: nothing does. */
static const char *value_of(char letter, pid_t pid, time_t now, char scratch[HOST_NAME_MAX + 1])
{
	switch (letter) {
	case '%': return "%";
	case 'p': snprintf(scratch, STAMP_SIZE, "%d", (int)pid); return scratch;
	case 't': return stamp(scratch, now);
	case 'r': return launcher_rank();
	case 'j': return launcher_job();
	case 'h':
		if (gethostname(scratch, HOST_NAME_MAX + 1) < 0)
			return "localhost";
		scratch[HOST_NAME_MAX] = '\0';
		return scratch;
	default: return NULL;
	}
}

int naming_expand(const char *template, pid_t pid, time_t now, char **name, char *bad)
{
	char scratch[HOST_NAME_MAX + 1];
	size_t size = 0;
	FILE *out = open_memstream(name, &size);
	int r = out ? 0 : -ENOMEM;
	for (const char *p = template; r == 0 && *p; p++) {
		if (*p != '%') {
			fputc(*p, out);
			continue;
		}
		const char *value = value_of(*++p, pid, now, scratch);
		*bad = *p;
		if (!value)
			r = *p == 'r' || *p == 'j' ? -ENOENT : -EINVAL;
		/* A job's name is no path: its slashes would be folders. */
		for (; value && *value; value++)
			fputc(*value == '/' ? '_' : *value, out);
	}
	if (out && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0 && out)
		free(*name);
	return r;
}

int naming_create(struct profile_writer *writer, time_t now, int how, char **name)
{
	char text[STAMP_SIZE];
	int r = -EEXIST;
	for (int i = 0; i < TRIES && r == -EEXIST; i++) {
		if (asprintf(name, "mprofile_%s.dat", stamp(text, now + i)) < 0)
			return -ENOMEM;
		r = profile_create(writer, *name, how);
		if (r < 0)
			free(*name);
	}
	return r;
}
