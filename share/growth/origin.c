#include "share/growth/origin.h"

#include <stddef.h>
#include <string.h>

/* "/lib/python3.11/…", "/lib64/python3.11/…", or "/python311.zip/…". */
static bool is_librarys(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/python3")); at++) {
		const char *end = at + strlen("/python3");
		end += strspn(end, ".0123456789t");
		if (strncmp(end, ".zip/", 5) == 0 || strncmp(end, "zip/", 4) == 0)
			return true;
		bool in_lib =
			at - path >= 4 && (strncmp(at - 4, "/lib", 4) == 0 ||
					   (at - path >= 6 && strncmp(at - 6, "/lib64", 6) == 0));
		if (*end == '/' && in_lib)
			return true;
	}
	return false;
}

bool origin_is_users(const char *path)
{
	static const char *const made[] = { "<frozen ", "<__array_function__", "<attrs " };
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (strncmp(path, made[i], strlen(made[i])) == 0)
			return false;
	return !is_librarys(path) && !strstr(path, "/site-packages/") &&
	       !strstr(path, "/dist-packages/");
}
