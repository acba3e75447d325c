#include "recorder/heap/preload/extents.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "recorder/heap/preload/lock.h"
#include "recorder/heap/preload/shared.h"
#include "recorder/kernel/maps.h"

enum { LONGEST = 4096 + 128 }; /* of a line: a path, and what stands before it */

static bool put(const struct maps_line *is)
{
	uint64_t path = shared_text(is->path);
	struct heap_extent *room = path ? shared_room(SHARED_EXTENTS, 1) : NULL;
	if (!room)
		return false;
	*room = (struct heap_extent){ is->low, is->high, is->offset, path };
	shared_filled(SHARED_EXTENTS, 1);
	return true;
}

/* False: there is no more room. */
static bool take(char *line)
{
	struct maps_line is;
	if (!maps_parse(line, &is) || is.rights[2] != 'x' || *is.path != '/')
		return true;
	return put(&is);
}

/* The whole lines of it; the bytes that are left, at its beginning. */
static size_t take_lines(char *text, size_t n, bool *more)
{
	char *from = text, *end;
	while (*more && (end = memchr(from, '\n', n - (size_t)(from - text)))) {
		*end = '\0';
		*more = take(from);
		from = end + 1;
	}
	n -= (size_t)(from - text);
	memmove(text, from, n);
	return n;
}

static void read_maps(int fd)
{
	char text[LONGEST];
	size_t held = 0;
	bool more = true;
	while (more && held < sizeof text) {
		ssize_t n = read(fd, text + held, sizeof text - held);
		if (n <= 0)
			return;
		held = take_lines(text, held + (size_t)n, &more);
	}
}

void extents_tell(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (lock_take()) {
		read_maps(fd);
		lock_leave();
	}
	close(fd);
}
