#include "recorder/where/findings.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "recorder/python/offsets.h"
#include "share/fault.h"

static const int64_t LONG = 1000000000; /* of a look that does not end, until that is told */

void findings_begin(const struct growth_probe *growth, struct recording *r)
{
	const struct profile_pair pair = { "where", growth->events ? "faults" : "polled" };
	profile_put_meta(&r->writer, &pair, 1);
}

static void put_version(struct recording *r, const char *key, int version)
{
	char text[16];
	const struct profile_pair pair = { key, text };
	snprintf(text, sizeof text, "%d.%d", version >> 8, version & 0xff);
	profile_put_meta(&r->writer, &pair, 1);
}

void findings_user(struct growth_probe *growth, struct recording *r, const struct grower *g)
{
	char text[16];
	const struct profile_pair pair = { "uid", text };
	if (g->state != GROWER_READY)
		return;
	if (!growth->has_user)
		growth->user = target_user(&r->target);
	growth->has_user = true;
	if (g->user == growth->user)
		return;
	growth->user = g->user;
	snprintf(text, sizeof text, "%u", (unsigned)g->user);
	profile_put_meta(&r->writer, &pair, 1);
}

static void put_refused(struct recording *r, const struct grower *g)
{
	const struct profile_pair pair = { "refused",
					   g->refusal == -EPERM ? "permission" : "unknown" };
	if (g->refusal != -EPERM && g->runtime.version)
		put_version(r, pair.key, g->runtime.version);
	else
		profile_put_meta(&r->writer, &pair, 1);
}

void findings_find(struct growth_probe *growth, struct recording *r, const struct grower *g)
{
	if (g->state == GROWER_REFUSED && growth->refusal == 0) {
		growth->refusal = g->refusal;
		growth->version = g->runtime.version;
		put_refused(r, g);
	}
	if (g->state == GROWER_READY && !growth->is_told) {
		growth->is_told = r->growth.python = true;
		put_version(r, "python", g->runtime.version);
	}
}

bool findings_stall(struct growth_probe *growth, struct recording *r, int64_t now)
{
	char text[16];
	const struct profile_pair pair = { "unreadable", text };
	int64_t stalls = reader_stalls(&growth->reader, now);
	if (stalls >= LONG && growth->stalls == 0) {
		growth->stalls = growth->reader.reading->grower->pid;
		snprintf(text, sizeof text, "%d", (int)growth->stalls);
		profile_put_meta(&r->writer, &pair, 1);
	}
	return stalls > 0;
}

static void say_refused(const struct growth_probe *growth)
{
	int major = growth->version >> 8, minor = growth->version & 0xff;
	if (growth->refusal == -EPERM)
		warning("the memory of the program may not be read (ptrace is restricted here), so "
			"there are no Python lines");
	else if (growth->version)
		warning("Python %d.%d cannot be looked into, so there are no lines of it; the "
			"versions that can are " OFFSETS_READABLE,
			major, minor);
	else
		warning("this Python does not tell its version, so there are no lines of it");
}

static bool is_allowable(int refusal)
{
	return refusal == -EACCES || refusal == -EPERM;
}

/* Where native frames had no lines, and what would give them some. */
static void say_lacking(const struct growth_probe *growth)
{
	const char *path, *advice;
	if (native_advice(growth->asker.native, &path, &advice))
		warning("lines of %s are not known; to have them, %s", path, advice);
}

void findings_say(const struct growth_probe *growth, const struct recording *r)
{
	bool watched = isatty(STDERR_FILENO), asked = growth->where != WHERE_AUTO;
	if (growth->refusal && (watched || asked))
		say_refused(growth);
	if (growth->steps > 0 && watched)
		say_lacking(growth);
	if (growth->steps > 0 && watched && r->target.ours && is_allowable(r->faults.refused))
		warning("page faults may not be listened to here, so where memory grew is an "
			"estimate; sysctl kernel.perf_event_paranoid=1, CAP_PERFMON, or a "
			"container's seccomp profile that lets perf_event_open through would allow "
			"it");
	if (growth->stalls)
		warning("the memory of process %d cannot be read, since whoever reads it is made "
			"to wait; its Python lines are missing",
			(int)growth->stalls);
}
