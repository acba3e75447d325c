#include "share/fleet/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/array.h"
#include "share/fleet/member.h"

/* Nothing of it is left behind, however we end. */
static int open_in(const char *folder)
{
	char *name;
	int fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd >= 0 || asprintf(&name, "%s/.mprof-c-XXXXXX", folder) < 0)
		return fd;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

int store_open(struct store *store, const char *beside)
{
	const char *slash = strrchr(beside, '/'), *temporary = getenv("TMPDIR");
	char *folder = slash ? strndup(beside, (size_t)(slash - beside) + 1) : strdup(".");
	*store = (struct store){ .fd = -1 };
	if (!folder)
		return -ENOMEM;
	store->fd = open_in(folder);
	free(folder);
	if (store->fd < 0)
		store->fd = open_in(temporary && *temporary ? temporary : "/tmp");
	return store->fd < 0 ? -errno : 0;
}

static int write_all(struct store *store, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = pwrite(store->fd, bytes, n, store->end);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done == 0 ? -ENOSPC : -errno;
		store->end += done;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

int store_add(struct store *store, struct fleet_member *member)
{
	off_t at = store->end;
	int r = write_all(store, (const char *)member->points,
			  member->n_points * sizeof *member->points);
	struct stored *place = r == 0 ? array_more(&store->all, &store->n, sizeof *place) : NULL;
	if (!place) {
		member_free(member);
		return r < 0 ? r : -ENOMEM;
	}
	*place = (struct stored){ *member, at };
	free(member->points);
	place->member.points = NULL;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct stored *x = a, *y = b;
	return member_compare(&x->member, &y->member);
}

void store_sort(struct store *store)
{
	size_t n = 0;
	if (store->n > 0)
		qsort(store->all, store->n, sizeof *store->all, compare);
	for (size_t i = 0; i < store->n; i++) {
		struct stored *one = &store->all[i];
		if (n > 0 && member_is_same(&store->all[n - 1].member, &one->member))
			member_free(&store->all[--n].member);
		store->all[n++] = *one;
	}
	store->n = n;
}

int store_points(const struct store *store, const struct stored *stored,
		 struct fleet_point **points)
{
	size_t n = stored->member.n_points * sizeof **points;
	char *to = malloc(n + 1);
	off_t at = stored->at;
	*points = (struct fleet_point *)(void *)to;
	if (!to)
		return -ENOMEM;
	while (n > 0) {
		ssize_t done = pread(store->fd, to, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			free(*points);
			*points = NULL;
			return done == 0 ? -EIO : -errno;
		}
		at += done;
		to += done;
		n -= (size_t)done;
	}
	return 0;
}

void store_close(struct store *store)
{
	for (size_t i = 0; i < store->n; i++)
		member_free(&store->all[i].member);
	free(store->all);
	if (store->fd >= 0)
		close(store->fd);
	*store = (struct store){ .fd = -1 };
}
