#include "share/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *environment_word(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

bool environment_has_display(void)
{
	return environment_word("DISPLAY") || environment_word("WAYLAND_DISPLAY");
}

bool environment_find(const char *name, bool (*is)(const char *path), char path[PATH_MAX])
{
	const char *list = getenv("PATH");
	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
	for (const char *at = list ? list : "/bin:/usr/bin"; *at; at += *at == ':') {
		size_t n = strcspn(at, ":");
		int length =
			snprintf(path, PATH_MAX, "%.*s/%s", n ? (int)n : 1, n ? at : ".", name);
		if (length < PATH_MAX && is(path))
			return true;
		at += n;
	}
	return false;
}

bool environment_is_executable(const char *path)
{
	return access(path, X_OK) == 0;
}
