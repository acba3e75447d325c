#include "recorder/kernel/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/kernel/membership.h"
#include "recorder/source/source.h"

#include "tests/pretend.h"

#define V1 "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
#define V2 "41 31 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define OTHERS                                            \
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n" \
	"33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"

/* ---- where a group is ---- */

static const char *folder_of(const char *groups, const char *mounts)
{
	static struct cgroup cgroup;
	return cgroup_parse(&cgroup, "", groups, mounts) == 0 ? cgroup.folder : NULL;
}

static void version_1(void)
{
	CHECK_STR(folder_of("9:name=systemd:/\n4:memory:/\n0::/\n", OTHERS V1 V2),
		  "/sys/fs/cgroup/memory");
	CHECK_STR(folder_of("4:cpu,memory:/\n", OTHERS V1), "/sys/fs/cgroup/memory");
}

static void version_2(void)
{
	struct cgroup cgroup;
	CHECK_INT(cgroup_parse(&cgroup, "", "0::/\n", OTHERS V2), 0);
	CHECK_STR(cgroup.folder, "/sys/fs/cgroup");
	CHECK(cgroup.unified);
}

/* The machine's own figures are none of the group's. */
static void a_group_that_is_not_mounted_here_is_none(void)
{
	struct cgroup cgroup;
	CHECK_INT(cgroup_parse(&cgroup, "", "0::/docker/no-such-group\n", V2), -ENOTDIR);
	CHECK_INT(cgroup_parse(&cgroup, "", "0::/../../other\n", V2), -ENOTDIR);
	CHECK_INT(cgroup_parse(&cgroup, "", "0::/..\n", V2), -ENOTDIR);
	CHECK_INT(cgroup_parse(&cgroup, "", "4:memory:/dock\n",
			       "35 31 0:32 /docker /sys/fs/cgroup rw - cgroup c rw,memory\n"),
		  -ENOTDIR);
	CHECK_STR(cgroup.folder, "/sys/fs/cgroup");
	/* A container without a namespace of its own: the mount's root is the group. */
	CHECK_STR(
		folder_of("4:memory:/docker/abc\n",
			  "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup c rw,memory\n"),
		"/sys/fs/cgroup/memory");
}

static void a_mount_point_with_blanks(void)
{
	CHECK_STR(folder_of("0::/\n", "41 31 0:38 / /a\\040b rw - cgroup2 c rw\n"), "/a b");
}

static void no_memory_controller(void)
{
	CHECK(folder_of("4:memory:/\n", OTHERS) == NULL);
	CHECK(folder_of("3:cpu:/\n", OTHERS V1) == NULL);
	CHECK(folder_of("", "") == NULL);
	CHECK(folder_of(":::\n::\nx\n", "- - -\n\n x\n") == NULL);
	CHECK(folder_of("4:memoryless:/\n", V1) == NULL);
}

static void paths_too_long(void)
{
	static char groups[3 * PATH_MAX];
	int n = snprintf(groups, sizeof groups, "0::/");
	memset(groups + n, 'a', sizeof groups - (size_t)n - 1);
	struct cgroup cgroup;
	CHECK_INT(cgroup_parse(&cgroup, "", groups, V2), -ENAMETOOLONG);
}

/* ---- figures, in a pretended root ---- */

static struct cgroup find(void)
{
	struct cgroup cgroup = { .mount = 0 };
	CHECK_INT(cgroup_find(&cgroup, 7), 0);
	return cgroup;
}

static uint64_t figure(enum cgroup_figure figure)
{
	struct cgroup cgroup = find();
	uint64_t value = 999;
	CHECK_INT(cgroup_read(&cgroup, figure, &value), 0);
	return value;
}

#define AT(root, point) "41 31 0:38 " root " " point " rw - cgroup2 cgroup2 rw\n"

static void put_mounts(const char *groups, const char *mounts)
{
	pretend_put("/proc/self/mountinfo", "%s", mounts);
	pretend_put("/proc/7/cgroup", "%s", groups);
}

static const char *found(void)
{
	static struct cgroup cgroup;
	int r = cgroup_find(&cgroup, 7);
	return r == 0 ? cgroup.folder + strlen(pretend_root) : r == -ENOENT ? "none" : "?";
}

static void of_several_mounts_one_shows_the_group(void)
{
	pretend_put("/a/x/memory.max", "1\n");
	pretend_put("/b/x/memory.max", "1\n");
	pretend_put("/b/y/memory.max", "1\n");
	put_mounts("0::/one/x\n", AT("/two", "/a") AT("/one", "/b"));
	CHECK_STR(found(), "/b/x");
	put_mounts("0::/one/y\n", AT("/one", "/a") AT("/one", "/b"));
	CHECK_STR(found(), "/b/y");
	put_mounts("0::/one\n", AT("/one/x", "/a") AT("/one", "/b"));
	CHECK_STR(found(), "/b");
}

/* Whose mount begins above it, or who is outside. */
static void a_namespace_is_seen_from_within(void)
{
	put_mounts("0::/../x\n", AT("/..", "/a"));
	CHECK_STR(found(), "/a/x");
	put_mounts("0::/../../x\n", AT("/..", "/a"));
	CHECK_STR(found(), "none");
	put_mounts("0::/x\n", AT("/..", "/a"));
	CHECK_STR(found(), "none");
	put_mounts("0::/..x\n", AT("/", "/a"));
	CHECK_STR(found(), "none");
	pretend_put("/a/..x/memory.max", "1\n");
	CHECK_STR(found(), "/a/..x");
}

static void a_folder_that_lists_the_process_is_its_group(void)
{
	put_mounts("0::/x\n", AT("/..", "/a"));
	pretend_put("/a/cgroup.procs", "17\n71\n");
	pretend_put("/a/own/x/cgroup.procs", "6\n7\n");
	CHECK_STR(found(), "/a/own/x");
	pretend_put("/a/own/x/cgroup.procs", "6\n77\n");
	CHECK_STR(found(), "none");
	pretend_put("/a/cgroup.procs", "7\n");
	CHECK_STR(found(), "/a");
}

/* As the metric has it. */
static int working_set(uint64_t *bytes)
{
	const struct source *source = source_find("cgroup.workingset");
	void *state = calloc(1, source->state_size);
	int r = source->open(state, 7);
	r = r == 0 ? source->read(state, bytes) : r;
	source->close(state);
	free(state);
	return r;
}

/* What does not go away when files are read. */
static void the_working_set_is_what_cannot_be_taken_back(void)
{
	uint64_t bytes = 0;
	pretend_put("/proc/self/mountinfo", V2);
	pretend_put("/proc/7/cgroup", "0::/w\n");
	pretend_put("/sys/fs/cgroup/w/memory.current", "9000\n");
	pretend_put("/sys/fs/cgroup/w/memory.stat", "file 6000\nshmem 500\ninactive_file 4000\n");
	CHECK_INT(working_set(&bytes), 0);
	CHECK_INT(bytes, 5000);
	CHECK_INT(figure(CGROUP_SHMEM), 500);
	pretend_put("/sys/fs/cgroup/w/memory.current", "3000\n");
	CHECK_INT(working_set(&bytes), 0);
	CHECK_INT(bytes, 0);
	pretend_put("/sys/fs/cgroup/w/memory.stat", "file 6000\n");
	CHECK_INT(working_set(&bytes), -ENOSYS); /* which source.h has for what is not told */
}

static void a_move_is_seen_when_it_is_looked_for(void)
{
	const int64_t ms = 1000000;
	struct membership m;
	bool moved = true;
	pretend_put("/proc/self/mountinfo", V2);
	pretend_put("/proc/7/cgroup", "0::/w\n");
	pretend_put("/proc/7/statm", "9 9 9 9 0 9 0\n");
	pretend_put("/sys/fs/cgroup/v/memory.current", "1\n");
	CHECK_INT(membership_open(&m, 7, 1000 * ms), 0);
	pretend_put("/proc/7/cgroup", "0::/v\n");
	CHECK(!membership_look(&m, 1004 * ms, &moved) && !moved);
	CHECK(membership_look(&m, 1005 * ms, &moved) && moved);
	CHECK_STR(m.group.folder + strlen(pretend_root), "/sys/fs/cgroup/v");
	CHECK(membership_look(&m, 9000 * ms, &moved) && !moved);
	CHECK_INT(membership_wait(&m, 9001 * ms), 999 * ms);
	pretend_put("/proc/7/cgroup", "0::/nowhere\n");
	CHECK(membership_look(&m, 10000 * ms, &moved) && moved && !m.known);
	pretend_put("/proc/7/cgroup", "0::/w\n");
	CHECK(membership_look(&m, 11000 * ms, &moved) && moved && m.known);
	/* On its way out it is told to be in the root's. */
	pretend_put("/proc/7/statm", "0 0 0 0 0 0 0\n");
	pretend_put("/proc/7/cgroup", "0::/\n");
	CHECK(membership_look(&m, 12000 * ms, &moved) && !moved && m.known);
	pretend_gone(7);
	CHECK(membership_look(&m, 13000 * ms, &moved) && !moved && m.known);
	membership_close(&m);
	CHECK_INT(membership_open(&m, 7, 0), -ESRCH);
	membership_close(&m);
}

static void figures_of_version_2(void)
{
	uint64_t limit = 0;
	bool slows = false;
	pretend_put("/proc/self/mountinfo", V2);
	pretend_put("/proc/7/cgroup", "0::/a/b\n");
	pretend_put("/sys/fs/cgroup/a/b/memory.current", "4096\n");
	pretend_put("/sys/fs/cgroup/a/b/memory.peak", "8192\n");
	pretend_put("/sys/fs/cgroup/a/b/memory.stat", "anon 1000\nfile 2000\nfile_mapped 7\n");
	pretend_put("/sys/fs/cgroup/a/b/memory.events", "low 0\nmax 3\noom 1\noom_kill 2\n");
	pretend_put("/sys/fs/cgroup/a/b/memory.max", "max\n");
	pretend_put("/sys/fs/cgroup/a/memory.max", "1048576\n");
	CHECK_INT(figure(CGROUP_USAGE), 4096);
	CHECK_INT(figure(CGROUP_PEAK), 8192);
	CHECK_INT(figure(CGROUP_ANON), 1000);
	CHECK_INT(figure(CGROUP_FILE), 2000);
	CHECK_INT(figure(CGROUP_KILLS), 2);
	struct cgroup cgroup = find();
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), 0);
	CHECK_INT(limit, 1048576); /* of the group above */
	CHECK(!slows);
	pretend_put("/sys/fs/cgroup/a/b/memory.high", "8192\n");
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), 0);
	CHECK_INT(limit, 8192);
	CHECK(slows);
	pretend_put("/sys/fs/cgroup/a/b/memory.max", "4096\n");
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), 0);
	CHECK_INT(limit, 4096);
	CHECK(!slows);
	pretend_put("/sys/fs/cgroup/a/b/memory.high", "max\n");
}

static void no_limit_at_all(void)
{
	uint64_t limit = 5;
	bool slows = false;
	pretend_put("/sys/fs/cgroup/a/b/memory.max", "max\n");
	pretend_put("/sys/fs/cgroup/a/memory.max", "max\n");
	struct cgroup cgroup = find();
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), -ENOENT);
	CHECK_INT(limit, 5);
}

static void figures_of_version_1(void)
{
	uint64_t limit = 0;
	bool slows = false;
	pretend_put("/proc/self/mountinfo", V1 V2);
	pretend_put("/proc/7/cgroup", "4:memory:/x\n0::/a/b\n");
	pretend_put("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "12288\n");
	pretend_put("/sys/fs/cgroup/memory/x/memory.stat",
		    "cache 1\nrss 2\ntotal_cache 3\ntotal_rss 4\n");
	pretend_put("/sys/fs/cgroup/memory/x/memory.oom_control", "under_oom 0\noom_kill 6\n");
	pretend_put("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
	CHECK_INT(figure(CGROUP_USAGE), 12288);
	CHECK_INT(figure(CGROUP_ANON), 4);
	CHECK_INT(figure(CGROUP_FILE), 3);
	CHECK_INT(figure(CGROUP_KILLS), 6);
	struct cgroup cgroup = find();
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), -ENOENT);
}

static void the_limit_of_groups_above_the_mount(void)
{
	uint64_t limit = 0;
	bool slows = true;
	pretend_put("/sys/fs/cgroup/memory/x/memory.stat",
		    "cache 1\nhierarchical_memory_limit 4096\ntotal_cache 3\n");
	struct cgroup cgroup = find();
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), 0);
	CHECK_INT(limit, 4096);
	CHECK(!slows);
	pretend_put("/sys/fs/cgroup/memory/x/memory.stat",
		    "hierarchical_memory_limit 9223372036854771712\n");
	CHECK_INT(cgroup_limit(&cgroup, &limit, &slows), -ENOENT);
}

static void a_figure_that_is_no_number(void)
{
	uint64_t value = 5;
	pretend_put("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "lots\n");
	pretend_put("/sys/fs/cgroup/memory/x/memory.oom_control", "oom_kill \n");
	struct cgroup cgroup = find();
	CHECK_INT(cgroup_read(&cgroup, CGROUP_USAGE, &value), -ENOENT);
	CHECK_INT(cgroup_read(&cgroup, CGROUP_KILLS, &value), -ENOENT);
	CHECK_INT(cgroup_read(&cgroup, CGROUP_PEAK, &value), -ENOENT);
	CHECK_INT(value, 5);
}

static void a_process_that_is_gone(void)
{
	struct cgroup cgroup;
	CHECK_INT(cgroup_find(&cgroup, 8), -ESRCH);
}

int main(void)
{
	pretend_begin();
	RUN(version_1);
	RUN(version_2);
	RUN(a_group_that_is_not_mounted_here_is_none);
	RUN(of_several_mounts_one_shows_the_group);
	RUN(a_namespace_is_seen_from_within);
	RUN(a_folder_that_lists_the_process_is_its_group);
	RUN(a_mount_point_with_blanks);
	RUN(no_memory_controller);
	RUN(paths_too_long);
	RUN(figures_of_version_2);
	RUN(no_limit_at_all);
	RUN(figures_of_version_1);
	RUN(the_limit_of_groups_above_the_mount);
	RUN(a_figure_that_is_no_number);
	RUN(a_process_that_is_gone);
	RUN(the_working_set_is_what_cannot_be_taken_back);
	RUN(a_move_is_seen_when_it_is_looked_for);
	pretend_end();
	return DONE();
}
