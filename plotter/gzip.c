#include "plotter/gzip.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "share/profile/input.h"

static ssize_t gzip_read(void *handle, void *buffer, size_t size)
{
	int n = gzread(handle, buffer, (unsigned)(size < 1 << 20 ? size : 1 << 20));
	if (n >= 0)
		return n;
	int error;
	gzerror(handle, &error);
	if (error == Z_ERRNO)
		return errno ? -errno : -EIO;
	/* Z_BUF_ERROR: the file ends before the stream does. What was whole has been handed out. */
	return error == Z_BUF_ERROR ? 0 : error == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static bool gzip_cut(void *handle)
{
	int error;
	gzerror(handle, &error);
	return error == Z_BUF_ERROR;
}

static void gzip_close(void *handle)
{
	gzclose(handle);
}

int gzip_open(struct profile_input *input, int fd)
{
	gzFile file = gzdopen(fd, "rb");
	if (!file)
		return -ENOMEM;
	gzbuffer(file, 128 << 10);
	*input = (struct profile_input){
		.read = gzip_read, .close = gzip_close, .cut = gzip_cut, .handle = file
	};
	return 0;
}
