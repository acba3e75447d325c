/* Copies this program, and what it works with, into a folder: an image of nothing but mprof-c has
 * no cp by which another container could be given it. */
#include "recorder/install.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "share/beside.h"
#include "share/fault.h"
#include "share/version.h"

/* What serves a recorder in another image. The plotter and mprof-c-native are linked to libraries
 * that few images have. */
static const char *const helpers[] = { "mprof-c-gpu", "libmprof-heap.so", "libmprof-python.so" };

static const char own_name[] = "mprof-c";

/* ---- one file ---- */

/* Where /proc is not mounted, the kernel has still told whoever executed us what that was. */
static int open_ourselves(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const char *name = fd < 0 ? (const char *)getauxval(AT_EXECFN) : NULL;
	if (name)
		fd = open(name, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What stands there must be a program or a library, or nothing; of two different files. 1: it is
 * this very file. */
static int check_place(int folder, const char *name, int from)
{
	struct stat there, own;
	char head[4] = "";
	if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(there.st_mode))
		return -EEXIST;
	if (fstat(from, &own) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino)
		return 1;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -errno : read(fd, head, sizeof head);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return fd < 0 ? (int)n : -errno;
	return n == 0 || (n == sizeof head && memcmp(head, "\177ELF", 4) == 0) ? 0 : -EEXIST;
}

static int write_all(int to, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(to, bytes, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static int copy(int to, int from)
{
	static char block[1 << 16];
	ssize_t n;
	int r = 0;
	while (r == 0 && (n = read(from, block, sizeof block)) != 0)
		if (n > 0)
			r = write_all(to, block, (size_t)n);
		else if (errno != EINTR)
			r = -errno;
	return r;
}

/* In containers all are process 1, also one that was killed here before. */
static void name_part(char part[NAME_MAX], const char *name)
{
	snprintf(part, NAME_MAX, ".%s.%d-%llx.part", name, (int)getpid(),
		 (unsigned long long)clock_epoch());
}

/* Whoever starts it meanwhile starts the old one or the new one. */
static int put(int folder, const char *name, int from)
{
	char part[NAME_MAX];
	name_part(part, name);
	int r = check_place(folder, name, from);
	if (r != 0)
		return r > 0 ? 0 : r;
	int to = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (to < 0)
		return -errno;
	r = copy(to, from);
	if (r == 0 && fchmod(to, 0755) < 0)
		r = -errno;
	if (close(to) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(folder, part, folder, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(folder, part, 0);
	return r;
}

/* ---- all of them ---- */

static int refuse(const char *folder, const char *name, int error)
{
	if (error == -EEXIST)
		return fault(STATUS_FAULT,
			     "%s/%s is no program; it is not replaced: name another folder", folder,
			     name);
	return fault(STATUS_FAULT, "cannot write %s/%s: %s", folder, name, strerror(-error));
}

/* The names of those that were there to be copied, in `told`. */
static int put_helpers(int at, const char *folder, char told[256])
{
	char path[PATH_MAX];
	*told = '\0';
	for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
		int from =
			beside_find(helpers[i], path) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (from < 0)
			continue;
		int e = put(at, helpers[i], from);
		close(from);
		if (e < 0)
			return refuse(folder, helpers[i], e);
		size_t used = strlen(told);
		snprintf(told + used, 256 - used, "%s%s", used ? ", " : ", with ", helpers[i]);
	}
	return -1;
}

/* Ourselves last: who finds that finds all. */
static int put_ourselves(int at, const char *folder)
{
	int from = open_ourselves();
	if (from < 0)
		return fault(STATUS_FAULT, "cannot read this program's own file: %s",
			     strerror(-from));
	int e = put(at, own_name, from);
	close(from);
	return e < 0 ? refuse(folder, own_name, e) : -1;
}

/* The last folder is made where it is missing, as that of a volume never is. */
static int open_folder(const char *folder)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0 && errno == ENOENT && mkdir(folder, 0755) == 0)
		at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return at < 0 ? -errno : at;
}

static int install(const char *folder)
{
	char told[256];
	int at = open_folder(folder);
	if (at < 0)
		return fault(STATUS_FAULT, "cannot use the folder %s: %s", folder, strerror(-at));
	int status = put_helpers(at, folder, told);
	if (status == -1)
		status = put_ourselves(at, folder);
	close(at);
	if (status != -1)
		return status;
	bool alone = getauxval(AT_BASE) == 0; /* no loader was needed */
	notice("version %s is in %s%s%s", MPROF_VERSION, folder, told,
	       !alone  ? "; it needs a glibc there that is no older than here, which one built "
			 "with -Dstatic=true does not"
	       : *told ? "; unlike mprof-c, that needs the glibc of its build there, or a newer one"
		       : "");
	return STATUS_OK;
}

static int run(int argc, char *argv[])
{
	int n, status = command_parse(&command_install, OPERANDS_ANYWHERE, argc, argv, NULL, &n);
	if (status != -1)
		return status;
	if (n != 1)
		return fault(STATUS_USAGE, n ? "install takes one folder"
					     : "name the folder: mprof-c install DIR");
	return install(argv[1]);
}

static const struct command_option options_table[] = { { 0 } };

const struct command command_install = {
	.name = "install",
	.usage = "DIR",
	.summary = "copy mprof-c into a folder, for another container",
	.run = run,
	.options = options_table,
	.details =
		"With mprof-c-gpu and the libraries of --heap and --python, where they are beside "
		"this program\nor installed. For an initContainer, whose image needs no shell and "
		"no cp.",
};
