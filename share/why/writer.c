#include "share/why/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "share/commands/recording.h"

enum why_writer why_find_writer(const char *path)
{
	int fd = recording_is_file(path) ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0)
		return WHY_WRITER_UNKNOWN;
	int r = flock(fd, LOCK_SH | LOCK_NB);
	enum why_writer writer = r == 0                 ? WHY_WRITER_GONE
				 : errno == EWOULDBLOCK ? WHY_WRITER_THERE
							: WHY_WRITER_UNKNOWN;
	close(fd);
	return writer;
}
