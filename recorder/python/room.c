#include "recorder/python/room.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recorder/python/shared.h"

/* Sealed: a program that shortened it would take the ground from under the recorder. */
static int make_file(void)
{
	struct rlimit longest; /* asked, since a file above it is answered with a signal */
	if (getrlimit(RLIMIT_FSIZE, &longest) == 0 && longest.rlim_cur < AGENT_BYTES)
		return -EFBIG;
	int fd = memfd_create("mprof-c", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && ftruncate(fd, AGENT_BYTES) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	int e = errno;
	if (fd >= 0)
		close(fd);
	return -e;
}

int room_make(struct room *room)
{
	*room = (struct room){ .fd = make_file() };
	if (room->fd < 0)
		return room->fd;
	void *memory = mmap(NULL, AGENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, room->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	room->shared = memory;
	return 0;
}

void room_free(struct room *room)
{
	if (room->shared)
		munmap(room->shared, AGENT_BYTES);
	if (room->fd >= 0)
		close(room->fd);
	*room = (struct room){ .fd = -1 };
}
