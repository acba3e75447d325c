#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/profile/profile.h"

int (*profile_decompress)(struct profile_input *input, int fd);

/* A descriptor, and the bytes that were read from it to tell what it holds: a pipe cannot be wound
 * back. */
struct plain {
	int fd;
	size_t ahead, used;
	unsigned char head[2];
};

static ssize_t plain_read(void *handle, void *buffer, size_t size)
{
	struct plain *plain = handle;
	if (plain->used < plain->ahead && size > 0) {
		size_t n = plain->ahead - plain->used < size ? plain->ahead - plain->used : size;
		memcpy(buffer, plain->head + plain->used, n);
		plain->used += n;
		return (ssize_t)n;
	}
	ssize_t n;
	do
		n = read(plain->fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void plain_close(void *handle)
{
	struct plain *plain = handle;
	close(plain->fd);
	free(plain);
}

/* Reads up to two bytes, over short reads. */
static int read_head(struct plain *plain)
{
	while (plain->ahead < sizeof plain->head) {
		ssize_t n = read(plain->fd, plain->head + plain->ahead,
				 sizeof plain->head - plain->ahead);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		plain->ahead += (size_t)n;
	}
	return 0;
}

static int open_descriptor(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int copy_rest(struct plain *plain, FILE *file)
{
	char block[16 << 10];
	ssize_t n;
	while ((n = plain_read(plain, block, sizeof block)) > 0)
		if (fwrite(block, 1, (size_t)n, file) < (size_t)n)
			return -errno;
	if (n == 0 && fflush(file) != 0)
		return -errno;
	return (int)n;
}

/* A descriptor of a file without a name that holds what a pipe does, for whom its beginning has to
 * be read again. */
static int copied(struct plain *plain)
{
	FILE *file = tmpfile();
	if (!file)
		return -errno;
	int r = copy_rest(plain, file);
	if (r == 0) {
		rewind(file);
		r = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
		r = r < 0 ? -errno : r;
	}
	fclose(file);
	return r;
}

static int rewound(struct plain *plain)
{
	if (lseek(plain->fd, -(off_t)plain->ahead, SEEK_CUR) < 0)
		return copied(plain);
	int fd = fcntl(plain->fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}

static int open_compressed(struct profile_input *input, struct plain *plain)
{
	if (!profile_decompress)
		return -ENOTSUP;
	int fd = rewound(plain);
	if (fd < 0)
		return fd;
	int r = profile_decompress(input, fd);
	if (r < 0)
		close(fd);
	return r;
}

int profile_open(struct profile_input *input, const char *path)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b };
	*input = (struct profile_input){ 0 };
	int fd = open_descriptor(path);
	if (fd < 0)
		return fd;
	struct plain *plain = calloc(1, sizeof *plain);
	if (!plain) {
		close(fd);
		return -ENOMEM;
	}
	plain->fd = fd;
	struct stat status = { 0 };
	bool owned = fstat(fd, &status) == 0;
	int r = read_head(plain);
	if (r == 0 && plain->ahead == sizeof gzip && memcmp(plain->head, gzip, sizeof gzip) == 0) {
		r = open_compressed(input, plain);
		plain_close(plain);
	} else if (r == 0) {
		*input = (struct profile_input){ .read = plain_read,
						 .close = plain_close,
						 .handle = plain };
	} else {
		plain_close(plain);
	}
	input->owner = status.st_uid;
	input->owned = owned;
	return r;
}

void profile_close(struct profile_input *input)
{
	if (input->close)
		input->close(input->handle);
	*input = (struct profile_input){ 0 };
}
