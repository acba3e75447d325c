#include "share/fleet/tally.h"

#include <string.h>

#include "share/fleet/member.h"
#include "share/names.h"

enum { MOST = 1 << 20 };

/* Counts what differs; leaves the one there is. */
static size_t count(const struct store *s, size_t offset, const char **only)
{
	struct names names = { 0 };
	*only = NULL;
	for (size_t i = 0; i < s->n; i++) {
		const char *text = *(char *const *)((const char *)&s->all[i].member + offset);
		if (text && names_find(&names, text, MOST) >= 0)
			*only = text;
	}
	size_t n = names.n;
	names_free(&names);
	*only = n == 1 ? *only : NULL;
	return n;
}

void tally_make(struct tally *t, const struct store *s)
{
	const char *node;
	*t = (struct tally){ .n = s->n, .from = INT64_MAX, .to = INT64_MIN };
	t->nodes = count(s, offsetof(struct fleet_member, node), &node);
	t->jobs = count(s, offsetof(struct fleet_member, job), &t->job);
	size_t metrics = count(s, offsetof(struct fleet_member, metric), &t->metric);
	t->lacks = KNOWN_STRETCHED | (metrics > 1 ? KNOWN_MIXED : 0);
	for (size_t i = 0; i < s->n; i++) {
		const struct fleet_member *m = &s->all[i].member;
		t->lacks |= member_adds_up(m) ? 0 : KNOWN_OVERLAP;
		t->from = m->from < t->from ? m->from : t->from;
		t->to = m->to > t->to ? m->to : t->to;
		t->command = t->command ? t->command : m->command;
		int status = m->ended ? m->status : PROFILE_STATUS_UNKNOWN;
		t->status = i == 0 || status == t->status ? status : PROFILE_STATUS_UNKNOWN;
	}
}
