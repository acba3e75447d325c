#include "share/growth/outlook_limit.h"

#include <stdio.h>
#include <string.h>

#include "share/profile/profile.h"

/* Where `left` MiB of it are left: taken if it is reached before any other. */
static void consider(struct outlook_curve *c, enum outlook_limit of, double limit, double left)
{
	const struct answer *a = &c->answer;
	if (a->kind != ANSWER_GROWS || left <= 0 || a->low <= 0 ||
	    (c->reached > 0 && left / a->slope >= c->reached))
		return;
	c->limit_of = of;
	c->limit = limit;
	c->reached = left / a->slope;
	c->soonest = left / a->high;
	c->latest = left / a->low;
}

/* Its own group's, which is the less wherever there is one. Where the machine is the limit, others
 * may need some of it: it is not reached later than told. */
static void consider_memory(struct outlook_curve *c, const struct profile *p)
{
	const char *kind = profile_setting(p, "limit_kind");
	bool slows = kind && strcmp(kind, "cgroup.high") == 0;
	double limit;
	if (profile_setting_mib(p, "limit", &limit) && limit > 0)
		consider(c, slows ? OUTLOOK_SLOWED : OUTLOOK_ALLOWED, limit,
			 limit - c->answer.held);
	else if (profile_setting_mib(p, "machine", &limit))
		consider(c, OUTLOOK_MACHINE, limit, limit - c->answer.held);
}

/* A process's own: what a tree holds says nothing of it. Its addresses are taken to grow as fast as
 * what it holds. */
static void consider_addresses(struct outlook_curve *c, const struct profile *p)
{
	double limit, taken;
	if (!profile_is_set(p, "tree") && profile_setting_mib(p, "rlimit_as", &limit) &&
	    profile_setting_mib(p, "vm_peak", &taken))
		consider(c, OUTLOOK_ADDRESSES, limit, limit - taken);
}

void outlook_limit_memory(struct outlook_curve *c, const struct profile *p)
{
	consider_memory(c, p);
	consider_addresses(c, p);
}

void outlook_limit_device(struct outlook_curve *c, const struct profile *p)
{
	char key[64];
	double limit;
	snprintf(key, sizeof key, "gpu%s_total", c->of);
	if (profile_setting_mib(p, key, &limit))
		consider(c, OUTLOOK_DEVICE, limit, limit - c->answer.held);
}
