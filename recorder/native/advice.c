#include "recorder/native/advice.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char LISTS[] = "/var/lib/dpkg/info";

bool advice_is_installed(const char *path)
{
	static const char *const below[] = { "/usr/lib", "/lib",      "/usr/bin",
					     "/bin",     "/usr/sbin", "/sbin" };
	for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
		size_t n = strlen(below[i]);
		if (strncmp(path, below[i], n) == 0 && strchr("/364x", path[n]))
			return true;
	}
	return false;
}

/* dpkg's list of a package's files: a path a line. On a merged /usr either path may be in it. */
static bool lists(const char *list, const char *path)
{
	char name[512], *line = NULL;
	size_t room = 0;
	ssize_t n;
	bool found = false;
	if (snprintf(name, sizeof name, "%s/%s", LISTS, list) >= (int)sizeof name)
		return false;
	FILE *file = fopen(name, "re");
	while (file && !found && (n = getline(&line, &room, file)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		found = strcmp(line, path) == 0 ||
			(strncmp(path, "/usr/", 5) == 0 && strcmp(line, path + 4) == 0);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

static bool find_package(const char *path, char *out, size_t size)
{
	DIR *folder = opendir(LISTS);
	bool found = false;
	for (struct dirent *is; folder && !found && (is = readdir(folder));) {
		char *end = strstr(is->d_name, ".list");
		if (!end || end[5] || !lists(is->d_name, path))
			continue;
		found = true;
		*end = '\0';
		snprintf(out, size, "%.*s", (int)strcspn(is->d_name, ":"), is->d_name);
	}
	if (folder)
		closedir(folder);
	return found;
}

void advice_write(char *out, size_t size, const char *path)
{
	char package[128];
	if (!advice_is_installed(path))
		snprintf(out, size, "compile it with -g");
	else if (!find_package(path, package, sizeof package))
		snprintf(out, size, "install its debugging information");
	else if (strcmp(package, "libc6") == 0) /* the one that is among the ordinary packages */
		snprintf(out, size, "install libc6-dbg");
	else
		snprintf(out, size, "install %s-dbgsym", package);
}
