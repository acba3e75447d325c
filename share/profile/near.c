#include "share/profile/near.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "share/number.h"
#include "share/profile/profile.h"
#include "share/regular.h"

static const double NEAR = 0.9; /* of what is allowed */

/* The figure beside it is of the same moment. */
static double seconds_before_last(const struct profile *p)
{
	double at;
	const char *text = profile_setting(p, "cgroup_held_at");
	if (!text || number_decimal(text, &at) < 0)
		return 0;
	double ago = sample_seconds(profile_end_us(p)) - at;
	return ago > 0 ? ago : 0;
}

static long kills_of(const struct profile *p)
{
	long kills;
	const char *text = profile_setting(p, "cgroup_oom_kill_more");
	return text && number_whole(text, &kills) == 0 && kills > 0 ? kills : 0;
}

/* A recorder that lives holds its file locked. */
static bool goes_on(const struct profile *p)
{
	struct stat status;
	int fd = p->path ? regular_open(p->path, 0, &status) : -1;
	if (fd < 0)
		return false;
	bool held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

bool profile_ends_near_limit(const struct profile *p, struct profile_near *near)
{
	const char *kind = profile_setting(p, "limit_kind");
	*near = (struct profile_near){ 0 };
	if (p->ended || !kind || strcmp(kind, "cgroup") != 0 ||
	    !profile_setting_mib(p, "limit", &near->limit) ||
	    !profile_setting_mib(p, "cgroup_held", &near->held) ||
	    near->held < NEAR * near->limit || goes_on(p))
		return false;
	near->ago = seconds_before_last(p);
	near->whole = profile_is_set(p, "cgroup_oom_group");
	near->kills = kills_of(p);
	return true;
}
