#include "recorder/kernel/descriptor.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void descriptor_close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
		return;
#endif
	for (int fd = (int)sysconf(_SC_OPEN_MAX); fd >= first; fd--)
		close(fd);
}

bool descriptor_is_of(int fd, dev_t device, ino_t inode)
{
	struct stat status;
	return fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

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
	return descriptor_is_of(descriptor->fd, descriptor->device, descriptor->inode);
}

void descriptor_close(struct descriptor *descriptor)
{
	if (descriptor_is_own(descriptor))
		close(descriptor->fd);
	*descriptor = (struct descriptor)DESCRIPTOR_NONE;
}
