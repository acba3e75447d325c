#include "recorder/recording/refusal.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/fault.h"

/* A folder in PATH that may not be entered makes execvp say EACCES, though there is no such program
 * at all. */
static bool is_in_path(const char *file)
{
	char path[PATH_MAX];
	struct stat status;
	const char *list = getenv("PATH");
	for (const char *at = list ? list : "/bin:/usr/bin"; *at; at += *at == ':') {
		size_t n = strcspn(at, ":");
		snprintf(path, sizeof path, "%.*s/%s", n ? (int)n : 1, n ? at : ".", file);
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
			return true;
		at += n;
	}
	return false;
}

int refusal_say(const char *file, int error)
{
	struct stat status;
	if (error == -EACCES && !strchr(file, '/') && !is_in_path(file))
		error = -ENOENT;
	if (error == -ENOENT && stat(file, &status) == 0 && strchr(file, '/'))
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: the interpreter that it names does not exist", file);
	if (error == -ENOENT && stat(file, &status) == 0 && S_ISREG(status.st_mode))
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: no such program in PATH; for the one here say ./%s",
			     file, file);
	if (error == -ENOENT || error == -ENOTDIR)
		return fault(STATUS_NOT_FOUND, "cannot run %s: no such program", file);
	if (error == -EACCES && stat(file, &status) == 0 && S_ISDIR(status.st_mode))
		return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: it is a folder", file);
	if (error == -EACCES && stat(file, &status) == 0 && !(status.st_mode & 0111))
		return fault(STATUS_NOT_EXECUTABLE,
			     "cannot run %s: it is not executable; chmod +x makes it so", file);
	if (error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE)
		return fault(STATUS_FAULT, "cannot start another process: %s", strerror(-error));
	return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: %s", file, strerror(-error));
}
