#include "recorder/probes/holder_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "recorder/kernel/alive.h"
#include "recorder/kernel/procfs.h"

enum { BOOT = 40 };

struct holder {
	char boot[BOOT];              /* the kernel's, since it was started; "": not known */
	unsigned long long namespace; /* that `pid` is of; 0: not known */
	int pid;
	unsigned long long start; /* ticks since boot; 0: not known */
};

/* ---- the line ---- */

static void read_boot(char boot[BOOT])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!file || fscanf(file, "%39[0-9a-f-]", boot) != 1)
		*boot = '\0';
	if (file)
		fclose(file);
}

static unsigned long long own_namespace(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static struct holder us(void)
{
	struct holder us = { .namespace = own_namespace(), .pid = getpid() };
	struct procfs_stat stat;
	read_boot(us.boot);
	us.start = procfs_stat(us.pid, &stat) == 0 ? stat.start : 0;
	return us;
}

void holder_line_write(char line[HOLDER_LINE])
{
	struct holder h = us();
	snprintf(line, HOLDER_LINE, "# mprof-c boot=%s namespace=%llu pid=%d start=%llu\n",
		 *h.boot ? h.boot : "?", h.namespace, h.pid, h.start);
}

static bool parse(struct holder *h, const char *line)
{
	char end = 0;
	*h = (struct holder){ 0 };
	return sscanf(line, "# mprof-c boot=%39[0-9a-f-] namespace=%llu pid=%d start=%llu%c",
		      h->boot, &h->namespace, &h->pid, &h->start, &end) == 5 &&
	       end == '\n' && h->pid > 0;
}

/* ---- is he gone? ---- */

/* What only this kernel writes: what was written under another boot of it, nobody writes now. A
 * network's disk may be another machine's. */
static bool is_local(int fd)
{
	static const unsigned long locals[] = {
		0xef53,     /* ext2, ext3, ext4 */
		0x58465342, /* xfs */
		0x9123683e, /* btrfs */
		0xf2f52010, /* f2fs */
		0x01021994, /* tmpfs */
		0x794c7630, /* overlayfs, whose upper layer is local */
	};
	struct statfs status;
	if (fstatfs(fd, &status) < 0)
		return false;
	for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
		if ((unsigned long)status.f_type == locals[i])
			return true;
	return false;
}

static bool is_locked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return true; /* or it cannot be told */
	flock(fd, LOCK_UN);
	return false;
}

/* As his number tells, which is of our namespace; a start that cannot be read proves nothing. */
static bool is_gone(const struct holder *h)
{
	struct procfs_stat stat;
	if (!alive_is(h->pid))
		return true;
	return h->start > 0 && procfs_stat(h->pid, &stat) == 0 && stat.start != h->start;
}

/* The lock is the kernel's, and tells of all namespaces; the number only of ours, where it must say
 * the same. Another boot may be no past one: some containers are told one of their own. */
bool holder_line_is_of_dead(const char *line, int fd)
{
	struct holder h, ours = us();
	if (!parse(&h, line) || !*ours.boot || is_locked(fd))
		return false;
	if (strcmp(h.boot, ours.boot) != 0)
		return is_local(fd);
	if (h.namespace == 0 || ours.namespace == 0)
		return false;
	return h.namespace != ours.namespace || is_gone(&h);
}
