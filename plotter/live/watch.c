#include "plotter/live/watch.h"

#include <sys/inotify.h>
#include <unistd.h>

void watch_open(struct watch *watch)
{
	*watch = (struct watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
}

void watch_close(struct watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	*watch = (struct watch){ .fd = -1 };
}

bool watch_arm(struct watch *watch, const char *path)
{
	const unsigned events = IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONESHOT;
	if (watch->fd < 0 || watch->armed)
		return watch->armed;
	watch->armed = inotify_add_watch(watch->fd, path, events) >= 0;
	return watch->armed;
}

void watch_take(struct watch *watch)
{
	char events[4096];
	while (read(watch->fd, events, sizeof events) > 0)
		continue;
	watch->armed = false;
}
