#include "recorder/bill/group.h"

#include <errno.h>
#include <string.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/membership.h"

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

static uint64_t read_figure(const struct cgroup *group, enum cgroup_figure figure)
{
	uint64_t value;
	return cgroup_read(group, figure, &value) == 0 ? value : 0;
}

static int read_all(const struct cgroup *group, uint64_t bytes[BILL_CLASSES])
{
	uint64_t anon, file;
	if (cgroup_read(group, CGROUP_ANON, &anon) < 0 ||
	    cgroup_read(group, CGROUP_FILE, &file) < 0)
		return -ENOENT;
	uint64_t shared = read_figure(group, CGROUP_SHMEM);
	uint64_t kernel = read_figure(group, CGROUP_KERNEL);
	memset(bytes, 0, BILL_CLASSES * sizeof *bytes);
	bytes[BILL_ANON] = anon;
	bytes[BILL_SHARED] = shared < file ? shared : file;
	bytes[BILL_CACHE] = less(file, shared);
	bytes[BILL_KERNEL] = kernel;
	bytes[BILL_UNTOLD] = less(read_figure(group, CGROUP_USAGE), anon + file + kernel);
	return 0;
}

int group_bill(pid_t pid, int64_t now, uint64_t bytes[BILL_CLASSES])
{
	struct membership m;
	int r = membership_open(&m, pid, now);
	if (r < 0)
		return -ENOENT;
	r = m.known ? read_all(&m.group, bytes) : -ENOENT;
	membership_close(&m);
	return r;
}
