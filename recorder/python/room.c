#include "recorder/python/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

/* Sealed: a program that shortened it would take the ground from under the recorder. */
static int make_file(size_t size)
{
	struct rlimit longest; /* asked, since a file above it is answered with a signal */
	if (getrlimit(RLIMIT_FSIZE, &longest) == 0 && longest.rlim_cur < size)
		return -EFBIG;
	int fd = memfd_create("mprof-c", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	int e = errno;
	if (fd >= 0)
		close(fd);
	return -e;
}

/* It goes with the last of those that have it: it can still be attached when it is marked so. */
static int make_segment(struct room *room)
{
	room->segment = shmget(IPC_PRIVATE, room->size, IPC_CREAT | 0600);
	if (room->segment < 0)
		return -errno;
	void *memory = shmat(room->segment, NULL, 0);
	int e = errno;
	shmctl(room->segment, IPC_RMID, NULL);
	if (memory == (void *)-1)
		return -e;
	room->memory = memory;
	return 0;
}

int room_make(struct room *room, size_t size)
{
	*room = (struct room){ .fd = make_file(size), .segment = -1, .size = size };
	if (room->fd == -EFBIG)
		return make_segment(room);
	if (room->fd < 0)
		return room->fd;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, room->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	room->memory = memory;
	return 0;
}

void room_place(const struct room *room, char *out, size_t size)
{
	if (room->fd >= 0)
		snprintf(out, size, "/proc/%d/fd/%d", (int)getpid(), room->fd);
	else
		snprintf(out, size, "%d", room->segment);
}

void room_free(struct room *room)
{
	if (room->memory && room->segment >= 0)
		shmdt(room->memory);
	else if (room->memory)
		munmap(room->memory, room->size);
	if (room->fd >= 0)
		close(room->fd);
	*room = (struct room)ROOM_NONE;
}
