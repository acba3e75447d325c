#include "recorder/kernel/descriptor.h"

#include <sys/stat.h>
#include <unistd.h>

void descriptor_keep(struct descriptor *descriptor, int fd)
{
	struct stat status;
	*descriptor = (struct descriptor)DESCRIPTOR_NONE;
	if (fd < 0)
		return;
	if (fstat(fd, &status) < 0) {
		close(fd);
		return;
	}
	*descriptor = (struct descriptor){ fd, status.st_dev, status.st_ino };
}

bool descriptor_is_own(const struct descriptor *descriptor)
{
	struct stat status;
	return descriptor->fd >= 0 && fstat(descriptor->fd, &status) == 0 &&
	       status.st_dev == descriptor->device && status.st_ino == descriptor->inode;
}

void descriptor_close(struct descriptor *descriptor)
{
	if (descriptor_is_own(descriptor))
		close(descriptor->fd);
	*descriptor = (struct descriptor)DESCRIPTOR_NONE;
}
