#include "recorder/kernel/cgroup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/cgroup_search.h"
#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

enum { TEXT = 1 << 16, PATH = PATH_MAX + 64 };

/* ---- texts ---- */

static ssize_t read_text(const char *path, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while (used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		n = -errno;
	close(fd);
	text[used] = '\0';
	return n < 0 ? n : (ssize_t)used;
}

/* A field that ends at a blank or at the line's end. */
struct field {
	const char *at;
	size_t n;
};

static struct field next_field(const char **at)
{
	*at += strspn(*at, " ");
	struct field field = { *at, strcspn(*at, " \n") };
	*at += field.n;
	return field;
}

static bool is(struct field field, const char *word)
{
	return field.n == strlen(word) && memcmp(field.at, word, field.n) == 0;
}

/* Does a list with commas between its words hold this one? */
static bool lists(struct field list, const char *word)
{
	for (const char *at = list.at, *end = list.at + list.n; at < end;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct field one = { at, (size_t)((comma ? comma : end) - at) };
		if (is(one, word))
			return true;
		at += one.n + 1;
	}
	return false;
}

/* ---- /proc/PID/cgroup: a line is number:controllers:path, with no controllers for v2 ---- */

static bool find_group(const char *groups, bool unified, struct field *path)
{
	for (const char *line = groups; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t n = strcspn(line, "\n");
		const char *first = memchr(line, ':', n);
		const char *second =
			first ? memchr(first + 1, ':', (size_t)(line + n - first - 1)) : NULL;
		if (!second)
			continue;
		struct field controllers = { first + 1, (size_t)(second - first - 1) };
		if (unified ? controllers.n > 0 : !lists(controllers, "memory"))
			continue;
		*path = (struct field){ second + 1, (size_t)(line + n - second - 1) };
		return true;
	}
	return false;
}

/* ---- mountinfo: id parent major:minor root point options … - type source options ---- */

struct mount {
	struct field root, point;
};

static bool is_wanted(struct field type, struct field options, bool unified)
{
	return unified ? is(type, "cgroup2") : is(type, "cgroup") && lists(options, "memory");
}

/* The next one; false: there is none. */
static bool next_mount(const char **mounts, bool unified, struct mount *mount)
{
	const char *at = *mounts;
	for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		struct field field;
		for (int i = 0; i < 3; i++)
			next_field(&at);
		mount->root = next_field(&at);
		mount->point = next_field(&at);
		do
			field = next_field(&at);
		while (field.n > 0 && !is(field, "-"));
		struct field type = next_field(&at);
		next_field(&at);
		struct field options = next_field(&at);
		if (mount->point.n == 0 || !is_wanted(type, options, unified))
			continue;
		*mounts = at;
		return true;
	}
	return false;
}

/* Blanks and the like stand as \040 in mountinfo. Returns the length, or 0: too long, or no
 * path. */
static size_t put_unescaped(char *out, size_t size, struct field field)
{
	size_t used = 0;
	for (size_t i = 0; i < field.n; i++) {
		char c = field.at[i];
		if (c == '\\' && i + 3 < field.n && isdigit((unsigned char)field.at[i + 1])) {
			c = (char)((field.at[i + 1] - '0') << 6 | (field.at[i + 2] - '0') << 3 |
				   (field.at[i + 3] - '0'));
			i += 3;
		}
		if (used + 1 >= size || c == '\0')
			return 0;
		out[used++] = c;
	}
	out[used] = '\0';
	return used;
}

/* ---- the folder ---- */

/* What of the group's path lies below the mount, whose root is a group too. Both are told from
 * where our control group namespace begins, above which every step is a "/..": what lies above that
 * has no name here. */
static bool below(struct field path, struct field root, struct field *rest)
{
	if (root.n == 1)
		root.n = 0;
	if (path.n < root.n || memcmp(path.at, root.at, root.n) != 0)
		return false;
	*rest = (struct field){ path.at + root.n, path.n - root.n };
	if (rest->n == 1 && rest->at[0] == '/')
		rest->n = 0;
	bool above = rest->n >= 3 && memcmp(rest->at, "/..", 3) == 0 &&
		     (rest->n == 3 || rest->at[3] == '/');
	return !above && (rest->n == 0 || rest->at[0] == '/');
}

/* Of no folder but the mount's, whose name is not told. */
static int put_mount(struct cgroup *c, const char *root, const struct mount *mount)
{
	size_t n = strlen(root);
	if (n >= sizeof c->folder)
		return -ENAMETOOLONG;
	memcpy(c->folder, root, n + 1);
	size_t point = put_unescaped(c->folder + n, sizeof c->folder - n, mount->point);
	if (point == 0)
		return -ENAMETOOLONG;
	c->mount = n + point;
	return 0;
}

static int put_folder(struct cgroup *c, const char *root, const struct mount *mount,
		      struct field group)
{
	int r = put_mount(c, root, mount);
	if (r < 0)
		return r;
	if (c->mount + group.n >= sizeof c->folder)
		return -ENAMETOOLONG;
	memcpy(c->folder + c->mount, group.at, group.n);
	c->folder[c->mount + group.n] = '\0';
	return group.n > 0 && access(c->folder, F_OK) < 0 ? -ENOENT : 0;
}

/* Through whichever mount it can be seen. */
static int find_folder(struct cgroup *c, const char *root, const char *mounts, struct field group)
{
	struct mount mount;
	struct field rest;
	int r = -ENOENT;
	while (r == -ENOENT && next_mount(&mounts, c->unified, &mount))
		if (below(group, mount.root, &rest))
			r = put_folder(c, root, &mount, rest);
	return r;
}

/* Where both are there the controller is v1's, or v1's would not list it. */
int cgroup_parse(struct cgroup *c, const char *root, const char *groups, const char *mounts)
{
	struct field group;
	struct mount mount;
	const char *first = mounts;
	for (int unified = 0; unified <= 1; unified++, first = mounts) {
		if (!find_group(groups, unified, &group) || !next_mount(&first, unified, &mount))
			continue;
		c->unified = unified;
		int r = find_folder(c, root, mounts, group);
		if (r == -ENOENT && put_mount(c, root, &mount) == 0)
			r = -ENOTDIR;
		return r;
	}
	return -ENOENT;
}

/* A list that is read in pieces while somebody mounts may leave one out: it is read again. */
static int find_mounted(struct cgroup *c, const char *groups, char mounts[TEXT])
{
	char path[MACHINE_PATH];
	int r = -ENOENT;
	machine_path(path, "/proc/self/mountinfo");
	for (int i = 0; i < 3 && (r == -ENOENT || r == -ENOTDIR); i++)
		if (read_text(path, mounts, TEXT) >= 0)
			r = cgroup_parse(c, machine_root(), groups, mounts);
	return r;
}

/* Where no path leads there, the folder that lists the process does. */
static int find_in(struct cgroup *c, pid_t pid, const char *groups)
{
	char *mounts = malloc(TEXT);
	int r = mounts ? find_mounted(c, groups, mounts) : -ENOMEM;
	free(mounts);
	return r == -ENOTDIR ? cgroup_search(c, pid) : r;
}

/* A leading thread that has ended stays where it was, when the others move. */
static int read_path(pid_t pid, char *text, size_t size)
{
	char path[MACHINE_PATH];
	pid_t live = procfs_live_thread(pid);
	if (live > 0 && live != pid)
		machine_path(path, "/proc/%d/task/%d/cgroup", (int)pid, (int)live);
	else
		machine_path(path, "/proc/%d/cgroup", (int)pid);
	return read_text(path, text, size) < 0 ? -ESRCH : 0;
}

int cgroup_mount(struct cgroup *c, bool unified, size_t at)
{
	struct mount mount;
	char path[MACHINE_PATH], *mounts = malloc(TEXT);
	const char *next = mounts;
	machine_path(path, "/proc/self/mountinfo");
	int r = mounts && read_text(path, mounts, TEXT) > 0 ? 0 : -ENOENT;
	for (size_t i = 0; r == 0 && i <= at; i++)
		r = next_mount(&next, unified, &mount) ? 0 : -ENOENT;
	*c = (struct cgroup){ .unified = unified };
	if (r == 0)
		r = put_mount(c, machine_root(), &mount);
	free(mounts);
	return r;
}

int cgroup_find(struct cgroup *c, pid_t pid)
{
	char *groups = malloc(TEXT);
	int r = groups ? read_path(pid, groups, TEXT) : -ENOMEM;
	if (r == 0)
		r = find_in(c, pid, groups);
	free(groups);
	return r;
}

/* ---- figures ---- */

static const struct {
	const char *file, *key; /* no key: the file is the figure */
} files[2][CGROUP_FIGURES] = {
	{
		[CGROUP_USAGE] = { "memory.usage_in_bytes", NULL },
		[CGROUP_ANON] = { "memory.stat", "total_rss " },
		[CGROUP_FILE] = { "memory.stat", "total_cache " },
		[CGROUP_INACTIVE] = { "memory.stat", "total_inactive_file " },
		[CGROUP_SHMEM] = { "memory.stat", "total_shmem " },
		[CGROUP_KERNEL] = { "memory.kmem.usage_in_bytes", NULL },
		[CGROUP_PEAK] = { "memory.max_usage_in_bytes", NULL },
		[CGROUP_KILLS] = { "memory.oom_control", "oom_kill " },
	},
	{
		[CGROUP_USAGE] = { "memory.current", NULL },
		[CGROUP_ANON] = { "memory.stat", "anon " },
		[CGROUP_FILE] = { "memory.stat", "file " },
		[CGROUP_INACTIVE] = { "memory.stat", "inactive_file " },
		[CGROUP_SHMEM] = { "memory.stat", "shmem " },
		[CGROUP_KERNEL] = { "memory.stat", "kernel " },
		[CGROUP_PEAK] = { "memory.peak", NULL },
		[CGROUP_KILLS] = { "memory.events", "oom_kill " },
		[CGROUP_OOMS] = { "memory.events", "oom " },
		[CGROUP_WHOLE] = { "memory.oom.group", NULL },
	},
};

static int parse_figure(const char *text, const char *key, uint64_t *value)
{
	size_t n = key ? strlen(key) : 0;
	while (key && strncmp(text, key, n) != 0) {
		text += strcspn(text, "\n");
		if (*text++ == '\0')
			return -ENOENT;
	}
	if (!isdigit((unsigned char)text[n]))
		return -ENOENT;
	*value = strtoull(text + n, NULL, 10);
	return 0;
}

/* No key of one version is one of the other's. */
int cgroup_pick(enum cgroup_figure figure, const char *text, uint64_t *value)
{
	if (parse_figure(text, files[1][figure].key, value) == 0)
		return 0;
	return parse_figure(text, files[0][figure].key, value);
}

static bool is_told(const struct cgroup *c, enum cgroup_figure figure)
{
	return files[c->unified][figure].file != NULL;
}

/* A file of the group whose folder is the first `length` bytes of ours. */
static void name_file(const struct cgroup *c, size_t length, const char *file, char path[PATH])
{
	snprintf(path, PATH, "%.*s/%s", (int)length, c->folder, file);
}

int cgroup_open(const struct cgroup *c, enum cgroup_figure figure)
{
	char path[PATH];
	if (!is_told(c, figure))
		return -ENOENT;
	name_file(c, strlen(c->folder), files[c->unified][figure].file, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -ENOENT : fd;
}

int cgroup_read(const struct cgroup *c, enum cgroup_figure figure, uint64_t *bytes)
{
	char path[PATH], text[8192];
	if (!is_told(c, figure))
		return -ENOENT;
	name_file(c, strlen(c->folder), files[c->unified][figure].file, path);
	if (read_text(path, text, sizeof text) <= 0)
		return -ENOENT;
	return cgroup_pick(figure, text, bytes);
}

/* ---- limits ---- */

/* v2's word for none is "max", which is no number; v1's is the largest multiple of a page. */
static const uint64_t NONE = UINT64_C(1) << 62;

static const struct {
	const char *file, *key; /* as in files */
	bool unified, slows;
} limits[] = {
	{ "memory.limit_in_bytes", NULL, false, false },
	/* That of groups above the mount, too, which have no folder here. */
	{ "memory.stat", "hierarchical_memory_limit ", false, false },
	{ "memory.max", NULL, true, false },
	{ "memory.high", NULL, true, true },
};

static bool ends_a_name(const struct cgroup *c, size_t n)
{
	return c->folder[n] == '\0' || c->folder[n] == '/' || n == c->mount;
}

int cgroup_limit(const struct cgroup *c, uint64_t *bytes, bool *slows)
{
	char path[PATH], text[8192];
	uint64_t limit, least = NONE;
	for (size_t n = strlen(c->folder) + 1; n-- > c->mount;)
		for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
			if (limits[i].unified != c->unified || !ends_a_name(c, n) ||
			    (limits[i].key && c->folder[n]))
				continue;
			name_file(c, n, limits[i].file, path);
			if (read_text(path, text, sizeof text) <= 0 ||
			    parse_figure(text, limits[i].key, &limit) < 0 || limit >= least)
				continue;
			least = limit;
			*slows = limits[i].slows;
		}
	if (least == NONE)
		return -ENOENT;
	*bytes = least;
	return 0;
}
