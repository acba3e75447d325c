#include "recorder/gpu/kin.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recorder/gpu/sysroot.h"
#include "recorder/source/source.h"

enum { DEEPEST = 64 }; /* generations walked up */

int kin_open(struct kin *kin, pid_t target, pid_t recorder, bool adopts)
{
	struct procfs_stat stat = { 0 };
	*kin = (struct kin){ .target = target, .recorder = recorder, .adopts = adopts };
	int r = family_prepare(&kin->family, FAMILY_DESCENDS);
	if (r == 0)
		r = family_open(&kin->family, target, source_find("rss"), NULL);
	if (r == 0)
		r = procfs_stat(target, &stat);
	kin->start = stat.start;
	return r;
}

void kin_look(struct kin *kin, int64_t now)
{
	uint64_t total;
	family_sample(&kin->family, now, &total);
}

bool kin_has(const struct kin *kin, pid_t pid)
{
	struct procfs_stat stat;
	for (int i = 0; i < DEEPEST && pid > 1; i++) {
		if (members_find(&kin->family, pid))
			return true;
		if (pid == getpid() || procfs_stat(pid, &stat) < 0 || stat.start < kin->start)
			return false;
		if (kin->adopts && stat.ppid == kin->recorder)
			return true;
		pid = stat.ppid;
	}
	return false;
}

/* The link's text tells the file, whether it can be reached from here or not. */
static bool points_to(const char *folder, const char *fd, const char *prefix)
{
	char path[SYSROOT_PATH], link[256];
	size_t n = strlen(prefix);
	if (snprintf(path, sizeof path, "%s/%s", folder, fd) >= (int)sizeof path)
		return false;
	ssize_t length = readlink(path, link, sizeof link);
	return length >= (ssize_t)n && memcmp(link, prefix, n) == 0;
}

static int files_in(pid_t pid, const char *prefix, kin_visit *visit, void *context, size_t *n)
{
	char folder[SYSROOT_PATH];
	int r = 0;
	sysroot_path(folder, "/proc/%d/fd", (int)pid);
	DIR *files = opendir(folder);
	if (!files)
		return errno == EACCES ? -EACCES : 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(files));) {
		bool is_file = entry->d_name[0] != '.';
		*n += is_file;
		if (is_file && points_to(folder, entry->d_name, prefix))
			r = visit(context, pid, entry->d_name);
	}
	closedir(files);
	return r;
}

/* Of a leading thread that has ended no files are told, but of the others of its process. */
static int files_of(pid_t pid, const char *prefix, kin_visit *visit, void *context)
{
	size_t n = 0;
	int r = files_in(pid, prefix, visit, context, &n);
	pid_t live = r == 0 && n == 0 ? procfs_live_thread(pid) : pid;
	return live > 0 && live != pid ? files_in(live, prefix, visit, context, &n) : r;
}

int kin_files(const struct kin *kin, const char *prefix, kin_visit *visit, void *context)
{
	int result = -EACCES;
	for (size_t i = 0; i < kin->family.n; i++) {
		const struct member *m = kin->family.members[i];
		int r = m->ended ? 0 : files_of(m->pid, prefix, visit, context);
		if (r != 0 && r != -EACCES)
			return r;
		result = r == 0 ? 0 : result;
	}
	return result;
}

static int found(void *context, pid_t pid, const char *fd)
{
	(void)context, (void)pid, (void)fd;
	return 1;
}

bool kin_opens(const struct kin *kin, const char *const prefixes[])
{
	int r = 0;
	for (; *prefixes && r == 0; prefixes++)
		r = kin_files(kin, *prefixes, found, NULL);
	return r != 0;
}

static int note_opener(void *context, pid_t pid, const char *fd)
{
	pid_t *opener = context;
	(void)fd;
	if (*opener != 0 && *opener != pid)
		return 1;
	*opener = pid;
	return 0;
}

pid_t kin_only_opener(const struct kin *kin, const char *const prefixes[])
{
	pid_t opener = 0;
	int r = 0;
	for (; *prefixes && r == 0; prefixes++)
		r = kin_files(kin, *prefixes, note_opener, &opener);
	return r == 0 ? opener : 0;
}

void kin_close(struct kin *kin)
{
	family_close(&kin->family);
}
