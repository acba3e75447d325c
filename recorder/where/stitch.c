#include "recorder/where/stitch.h"

#include <string.h>

#include "share/text.h"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* By the name of the binary, or by the sources that it was made of, which are told as its makefile
 * has them. */
static bool is_pythons(const struct native_frame *frame)
{
	static const char *const folders[] = { "Python/", "Objects/", "Modules/", "Parser/",
					       "Include/" };
	const char *path = frame->path, *base = text_base_name(path);
	if (begins(base, "libpython") || (frame->line == 0 && begins(base, "python")))
		return true;
	const char *sources = strstr(path, "/Python-3.");
	path = sources && strchr(sources + 1, '/') ? strchr(sources + 1, '/') + 1 : path;
	while (begins(path, "./") || begins(path, "../"))
		path += path[1] == '/' ? 2 : 3;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (begins(path, folders[i]))
			return true;
	return false;
}

static bool is_libcs(const struct native_frame *frame)
{
	const char *base = text_base_name(frame->path);
	return begins(base, "libc.so") || begins(base, "libc-2.") || begins(base, "ld-") ||
	       strstr(frame->path, "/malloc/") || strstr(frame->path, "/sysdeps/");
}

/* What we have brought into the program stands before malloc, and around main. */
static bool is_ours(const struct native_frame *frame)
{
	return begins(text_base_name(frame->path), "libmprof-heap.so") ||
	       strstr(frame->path, "recorder/heap/preload/");
}

/* Is there more than what Python calls of its own, and what that calls of the C library? All that
 * is the Python line's. */
static bool is_worth(const struct native_answer *answer)
{
	for (size_t i = 0; i < answer->n; i++)
		if (!is_pythons(&answer->frames[i]) && !is_libcs(&answer->frames[i]) &&
		    !is_ours(&answer->frames[i]))
			return true;
	return false;
}

uint64_t stitch(struct told *told, struct profile_writer *writer, uint64_t frame,
		const struct native_answer *answer)
{
	bool in_python = frame || answer->python;
	size_t n = !in_python || is_worth(answer) ? answer->n : 0;
	while (n-- > 0) {
		const struct native_frame *native = &answer->frames[n];
		if (!is_ours(native) && (!in_python || !is_pythons(native)))
			frame = told_frame(told, writer, frame, native->path, native->line,
					   native->function);
	}
	return frame;
}
