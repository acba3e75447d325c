#include "share/commands/source_right.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "share/number.h"
#include "share/regular.h"

static const uid_t NOBODY = 65534;

static void add(struct source_right *right, uid_t user)
{
	for (size_t i = 0; i < right->n; i++)
		if (right->users[i] == user)
			return;
	if (right->n == sizeof right->users / sizeof *right->users)
		right->more = true;
	else
		right->users[right->n++] = user;
}

void source_right_of(struct source_right *right, const struct profile *profile)
{
	*right = (struct source_right){ 0 };
	if (profile->owned)
		add(right, profile->owner);
	for (size_t i = 0; i < profile->n_settings; i++) {
		long user;
		if (strcmp(profile->settings[i].key, "uid") != 0)
			continue;
		bool good = number_whole(profile->settings[i].value, &user) == 0 && user >= 0;
		add(right, good ? (uid_t)user : NOBODY);
	}
}

/* Groups are left out: which ones the program had is not known. */
static bool may_read(const struct source_right *right, const struct stat *status)
{
	bool everybody = status->st_mode & S_IROTH;
	for (size_t i = 0; i < right->n; i++) {
		uid_t user = right->users[i];
		bool theirs = status->st_uid == user && status->st_mode & S_IRUSR;
		if (user != geteuid() && user != 0 && !theirs && !everybody)
			return false;
	}
	return everybody || !right->more;
}

/* Who is to walk the path, since a folder can be closed too; ourselves where nobody else is. */
static uid_t walker(const struct source_right *right)
{
	for (size_t i = 0; i < right->n; i++)
		if (right->users[i] != geteuid() && right->users[i] != 0)
			return right->users[i];
	return geteuid();
}

/* Without a right to change them, both calls do nothing. */
static int find_as(uid_t user, const char *path, int flags, struct stat *status)
{
	if (user == geteuid())
		return regular_find(path, flags, status);
	gid_t group = (gid_t)setfsgid(NOBODY);
	uid_t before = (uid_t)setfsuid(user);
	int fd = regular_find(path, flags, status);
	setfsuid(before);
	setfsgid(group);
	return fd;
}

/* One's own link to one's own file: a script is often called by such a name. Not for root, whose
 * every file is its own. */
static bool is_own_link(const char *path)
{
	struct stat link, file;
	return geteuid() != 0 && lstat(path, &link) == 0 && S_ISLNK(link.st_mode) &&
	       stat(path, &file) == 0 && link.st_uid == geteuid() && file.st_uid == geteuid();
}

/* What is made up by the kernel as it is read, where a read can do something: their magic numbers,
 * from linux/magic.h. */
static bool is_made_up(int fd)
{
	static const unsigned long kinds[] = {
		0x9fa0,     /* proc */
		0x62656572, /* sysfs */
		0x64626720, /* debugfs */
		0x74726163, /* tracefs */
		0x73636673, /* securityfs */
		0x62656570, /* configfs */
		0xf97cff8c, /* selinuxfs */
		0x27e0eb,   /* cgroup */
		0x63677270, /* cgroup2 */
		0x6165676c, /* pstore */
		0xde5e81e4, /* efivarfs */
		0xcafe4a11, /* bpf */
	};
	struct statfs status;
	if (fstatfs(fd, &status) < 0)
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if ((unsigned long)status.f_type == kinds[i])
			return true;
	return false;
}

int source_right_open(const struct source_right *right, const char *path, struct stat *status)
{
	if (*path != '/')
		return -ENOENT;
	uid_t user = walker(right);
	int flags = user == geteuid() && is_own_link(path) ? 0 : O_NOFOLLOW;
	int found = find_as(user, path, flags, status);
	if (found < 0)
		return found;
	if (may_read(right, status) && !is_made_up(found))
		return regular_read(found);
	close(found);
	return -EACCES;
}
