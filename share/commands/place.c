#include "share/commands/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/fault.h"

static const char *const names[] = {
	[REPLACE_RECORDING] = "a recording",
	[REPLACE_PICTURE] = "known to be a picture or an export of mprof-c's",
	[REPLACE_REPORT] = "a report of mprof-c's",
	[REPLACE_MERGED] = "what mprof-c merge wrote",
};

static bool lacks_folder(const char *path)
{
	struct stat status;
	const char *slash = strrchr(path, '/');
	char *folder = slash && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;
	bool lacks = folder && stat(folder, &status) < 0 && errno == ENOENT;
	free(folder);
	return lacks;
}

int place_say(const char *path, enum replace_kind kind, int error)
{
	if (error == -ENOENT && lacks_folder(path))
		return fault(STATUS_FAULT,
			     "cannot write %s: its folder is not there, make it first", path);
	if (error != -EEXIST)
		return fault(STATUS_FAULT, "cannot write %s: %s", path, strerror(-error));
	return fault(STATUS_FAULT,
		     "%s is not %s, and stays as it is; remove it first or choose another name",
		     path, names[kind]);
}

int place_check(const char *path, enum replace_kind kind, const char *const words[])
{
	struct stat status;
	if (stat(path, &status) < 0 && errno == ENOENT)
		return -1; /* as a rule: there is nothing to be asked about */
	if (replace_is_among(path, words))
		return fault(STATUS_USAGE,
			     "%s is itself to be read or run, and stays as it is; choose another "
			     "name",
			     path);
	if (strncmp(path, "/dev/", 5) != 0 && replace_is_stream(path, kind == REPLACE_RECORDING))
		return fault(STATUS_USAGE,
			     "%s is where standard input comes from or output goes; choose another "
			     "name",
			     path);
	int r = replace_allows(path, kind, -1);
	return r < 0 ? place_say(path, kind, r) : -1;
}
