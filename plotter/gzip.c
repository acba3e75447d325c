#include "plotter/gzip.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
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

/* ---- writing ---- */

enum { LEVEL = 2, OUT = 64 << 10, GZIP_WINDOW = 15 + 16 };

struct gzip_stream {
	z_stream z;
	gz_header head;
	FILE *plain;
	unsigned char out[OUT];
};

/* What the stream has made of its input so far. 0, or -1 with errno as the plain one's. */
static int push(struct gzip_stream *s, int how)
{
	do {
		s->z.next_out = s->out;
		s->z.avail_out = OUT;
		deflate(&s->z, how);
		size_t n = OUT - s->z.avail_out;
		if (n > 0 && fwrite(s->out, 1, n, s->plain) != n)
			return -1;
	} while (s->z.avail_out == 0);
	return 0;
}

static ssize_t stream_write(void *cookie, const char *bytes, size_t n)
{
	struct gzip_stream *s = cookie;
	s->z.next_in = (unsigned char *)(uintptr_t)bytes;
	s->z.avail_in = (unsigned)n;
	return push(s, Z_NO_FLUSH) < 0 ? -1 : (ssize_t)n;
}

static int stream_close(void *cookie)
{
	struct gzip_stream *s = cookie;
	s->z.avail_in = 0;
	int r = push(s, Z_FINISH);
	deflateEnd(&s->z);
	free(s);
	return r;
}

FILE *gzip_write(FILE *plain, const char *comment)
{
	static const cookie_io_functions_t functions = { .write = stream_write,
							 .close = stream_close };
	struct gzip_stream *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->plain = plain;
	s->head.comment = (unsigned char *)(uintptr_t)comment;
	s->head.os = 255;
	if (deflateInit2(&s->z, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(s);
		return NULL;
	}
	deflateSetHeader(&s->z, &s->head);
	FILE *stream = fopencookie(s, "w", functions);
	if (!stream) {
		deflateEnd(&s->z);
		free(s);
	}
	return stream;
}
