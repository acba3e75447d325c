#include "recorder/recording/refusal.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "share/environment.h"
#include "share/fault.h"
#include "share/profile/quote.h"

/* Executable or not: a folder in PATH that may not be entered makes execvp say EACCES, though there
 * is no such program at all. */
static bool is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* A whole command line in one word; -1: it is none. */
static int say_one_word(const char *file)
{
	char first[NAME_MAX + 1], path[PATH_MAX], quoted[512]; /* a sentence has its bounds */
	size_t n = strcspn(file, " \t\n");
	if (!file[n])
		return -1;
	profile_quote(quoted, sizeof quoted, file);
	if (strpbrk(file, "|&;<>$`*()") || memchr(file, '=', n))
		return fault(
			STATUS_NOT_FOUND,
			"cannot run %s: no such program; a line of the shell is recorded with: "
			"mprof-c run sh -c %s",
			quoted, quoted);
	snprintf(first, sizeof first, "%.*s", (int)n, file);
	if (n >= sizeof first ||
	    !(strchr(first, '/') ? is_file(first)
				 : environment_find(first, is_file, path) || is_file(first)))
		return -1;
	return fault(STATUS_NOT_FOUND,
		     "cannot run %s: no such program; without the quotes it is %s with arguments: "
		     "mprof-c run %.512s",
		     quoted, first, file);
}

static int say_not_found(const char *file)
{
	struct stat status;
	bool exists = stat(file, &status) == 0, slash = strchr(file, '/');
	if (exists && slash)
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: the interpreter that it names does not exist", file);
	if (exists && S_ISREG(status.st_mode))
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: no such program in PATH; for the one here say ./%s",
			     file, file);
	if (!*file)
		return fault(STATUS_NOT_FOUND, "cannot run '': the program's name is empty");
	int said = say_one_word(file);
	return said != -1 ? said
			  : fault(STATUS_NOT_FOUND, "cannot run %s: no such program%s", file,
				  slash ? "" : " in PATH");
}

static int say_not_allowed(const char *file)
{
	struct stat status;
	if (stat(file, &status) == 0 && S_ISDIR(status.st_mode))
		return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: it is a folder", file);
	if (stat(file, &status) == 0 && !(status.st_mode & 0111))
		return fault(STATUS_NOT_EXECUTABLE,
			     "cannot run %s: it is not executable; chmod +x makes it so", file);
	return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: %s", file, strerror(EACCES));
}

int refusal_say(const char *file, int error)
{
	char path[PATH_MAX];
	bool named = strchr(file, '/'), found = !named && environment_find(file, is_file, path);
	if (error == -EACCES && !named && !found)
		error = -ENOENT;
	if (error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG)
		return say_not_found(file);
	if (error == -EACCES)
		return say_not_allowed(found ? path : file);
	if (error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE)
		return fault(STATUS_FAULT, "cannot start another process: %s", strerror(-error));
	return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: %s", file, strerror(-error));
}
