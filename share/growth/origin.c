#include "share/growth/origin.h"

#include <fnmatch.h>
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

static bool begins_with_one(const char *path, const char *const beginnings[])
{
	for (; *beginnings; beginnings++)
		if (strncmp(path, *beginnings, strlen(*beginnings)) == 0)
			return true;
	return false;
}

/* Of native code: the compilers' and the system's sources, the C libraries and the interpreter. */
static bool is_systems(const char *path)
{
	static const char *const folders[] = {
		"/usr/lib", "/usr/include/",  "/usr/src/", "/usr/libexec",      "/lib",
		"/rustc/",  "/usr/local/go/", "node:",     "/home/iojs/build/", NULL
	};
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	bool python = strncmp(base, "python", 6) == 0 &&
		      strspn(base + 6, ".0123456789td") == strlen(base + 6);
	return begins_with_one(path, folders) || strstr(path, "/.cargo/registry/") || python ||
	       strncmp(base, "libpython", 9) == 0;
}

/* "<string>" and its like: no file. */
static enum origin origin_of_made(const char *path)
{
	static const char *const others[] = { "<frozen ", "<__array_function__", "<attrs ",
					      "<thread>", "<left out>",          NULL };
	static const char *const typed[] = { "<stdin>",       "<console>", "<ipython-input",
					     "<python-input", "<input>",   "<pyshell#",
					     "<doctest ",     NULL };
	if (begins_with_one(path, others))
		return ORIGIN_LIBRARYS;
	return begins_with_one(path, typed) ? ORIGIN_USERS : ORIGIN_MADE;
}

enum origin origin_of(const char *path)
{
	if (*path == '<')
		return origin_of_made(path);
	bool installed = is_librarys(path) || strstr(path, "/site-packages/") ||
			 strstr(path, "/dist-packages/") || is_systems(path);
	return installed ? ORIGIN_LIBRARYS : ORIGIN_USERS;
}

/* What runs the user's code, and is none of it. */
static bool is_interpreter(const char *path)
{
	static const char *const beginnings[] = { "python",  "libpython", "libnode.",
						  "libjvm.", "libruby",   NULL };
	static const char *const names[] = { "node", "nodejs", "java", "ruby", "perl", NULL };
	const char *base = strrchr(path, '/');
	base = base ? base + 1 : path;
	for (const char *const *name = names; *name; name++)
		if (strcmp(base, *name) == 0)
			return true;
	return begins_with_one(base, beginnings);
}

/* What is shipped by others: the compilers', the distribution's, other people's sources. Relative
 * paths are a distribution's, which builds that way. */
enum origin origin_of_native(const char *path)
{
	static const char *const others[] = {
		"/usr/include/", "/usr/lib",          "/usr/src/", "/usr/share/", "/usr/local/go/",
		"/lib/",         "/lib32/",           "/lib64/",   "/libx32/",    "/rustc/",
		"/nix/store/",   "/build/",           "./",        "../",         "[",
		"node:",         "/home/iojs/build/", NULL
	};
	static const char *const within[] = { "/.cargo/registry/", "/.rustup/toolchains/",
					      "/go/pkg/mod/",      "/site-packages/",
					      "/dist-packages/",   "/lib/python3",
					      "/Python-3.",        NULL };
	if (is_interpreter(path) || begins_with_one(path, others))
		return ORIGIN_LIBRARYS;
	for (const char *const *one = within; *one; one++)
		if (strstr(path, *one))
			return ORIGIN_LIBRARYS;
	return ORIGIN_USERS;
}

bool origin_is_named(const char *path, const char *pattern)
{
	return fnmatch(pattern, path, FNM_LEADING_DIR) == 0 || fnmatch(pattern, path, 0) == 0;
}
