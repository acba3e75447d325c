#include "recorder/kernel/oomd.h"

#include <sys/xattr.h>

#include "recorder/kernel/cgroup.h"
#include "tests/pretend.h"

static struct cgroup group;

static bool set(const char *folder, const char *name, const char *value)
{
	char path[PATH_MAX];
	return setxattr(pretend_path(path, folder), name, value, strlen(value), 0) == 0;
}

static void begin(void)
{
	pretend_begin();
	pretend_put("/cg/a/b/file", "-");
	group.mount = strlen(pretend_root) + strlen("/cg");
	pretend_path(group.folder, "/cg/a/b");
}

static void nobody_keeps_count(void)
{
	begin();
	int own = oomd_open(&group);
	CHECK(own >= 0);
	CHECK_INT(oomd_kills(&group, own), 0);
	CHECK_INT(oomd_kills(&group, -1), 0);
	close(own);
	pretend_end();
	CHECK(oomd_open(&group) < 0);
}

static void the_groups_above_count_too_but_nothing_beyond_the_mount(void)
{
	begin();
	int own = oomd_open(&group);
	if (set("/cg/a/b", "user.oomd_kill", "3")) { /* else no such attributes here */
		CHECK_INT(oomd_kills(&group, own), 3);
		CHECK(set("/cg/a", "user.oomd_kill", "5") && set("/cg", "user.oomd_kill", "7"));
		CHECK(set("/", "user.oomd_kill", "100") && set("/cg/a", "user.oomd_ooms", "1"));
		CHECK_INT(oomd_kills(&group, own), 16);
	}
	close(own);
	pretend_end();
}

static void a_group_that_was_removed_is_read_on(void)
{
	begin();
	int own = oomd_open(&group);
	if (set("/cg/a/b", "user.oomd_ooms", "2")) {
		pretend_remove("/cg/a/b");
		CHECK_INT(oomd_kills(&group, own), 2);
	}
	close(own);
	pretend_end();
}

int main(void)
{
	RUN(nobody_keeps_count);
	RUN(the_groups_above_count_too_but_nothing_beyond_the_mount);
	RUN(a_group_that_was_removed_is_read_on);
	return DONE();
}
