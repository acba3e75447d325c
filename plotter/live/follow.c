#include "plotter/live/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/regular.h"

enum { COLUMNS = 4096 };

/* ---- opening ---- */

static int open_loader(struct follow *f)
{
	const struct profile_wish wish = { .columns = COLUMNS,
					   .also = &recent_sink,
					   .also_context = &f->recent };
	int r = recent_begin(&f->recent);
	r = r < 0 ? r : profile_loader_open(&f->loader, f->path, &wish);
	return r < 0 ? r : profile_open(&f->input, f->path);
}

int follow_open(struct follow *f, const char *path)
{
	struct stat status;
	*f = (struct follow){ .path = path, .fd = regular_open(path, 0, &status) };
	if (f->fd < 0)
		return f->fd;
	f->device = status.st_dev;
	f->inode = status.st_ino;
	return open_loader(f);
}

void follow_close(struct follow *f)
{
	if (f->fd >= 0)
		close(f->fd);
	profile_close(&f->input);
	profile_loader_free(f->loader);
	recent_free(&f->recent);
	*f = (struct follow)FOLLOW_NOTHING;
}

int follow_again(struct follow *f)
{
	const char *path = f->path;
	follow_close(f);
	return follow_open(f, path);
}

/* ---- reading ---- */

/* Its size comes first: what is written meanwhile is more. */
int follow_read(struct follow *f)
{
	struct stat status;
	if (fstat(f->fd, &status) < 0)
		return -errno;
	int r = profile_loader_read(f->loader, &f->input);
	if (r < 0)
		return r;
	f->seen = status.st_size;
	if (f->n_head < sizeof f->head) {
		ssize_t n = pread(f->fd, f->head, sizeof f->head, 0);
		f->n_head = n > 0 ? (size_t)n : 0;
	}
	return profile_loader_snapshot(f->loader, &f->profile);
}

/* Truncated and written anew it may be as long as it was by the time somebody looks. */
static bool begins_otherwise(const struct follow *f)
{
	char head[sizeof f->head];
	ssize_t n = pread(f->fd, head, f->n_head, 0);
	return n >= 0 && ((size_t)n < f->n_head || memcmp(head, f->head, f->n_head) != 0);
}

enum follow_change follow_look(struct follow *f)
{
	struct stat named, open;
	bool there = stat(f->path, &named) == 0, lost = !there && errno == ENOENT;
	if (there && (named.st_dev != f->device || named.st_ino != f->inode))
		return FOLLOW_OTHER;
	if (fstat(f->fd, &open) < 0)
		return FOLLOW_SAME;
	if (open.st_size < f->seen)
		return FOLLOW_CUT;
	if (f->n_head > 0 && begins_otherwise(f))
		return FOLLOW_CUT;
	if (lost)
		return FOLLOW_LOST;
	return open.st_size > f->seen ? FOLLOW_MORE : FOLLOW_SAME;
}
