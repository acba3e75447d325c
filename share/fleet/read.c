#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/fleet/each.h"
#include "share/fleet/fleet.h"
#include "share/fleet/member.h"
#include "share/fleet/merged.h"

static int take(void *context, struct fleet_member *member)
{
	struct fleet *fleet = context;
	struct fleet_member *place = array_more(&fleet->members, &fleet->n, sizeof *place);
	if (!place) {
		member_free(member);
		return -ENOMEM;
	}
	*place = *member;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return member_compare(a, b);
}

/* Sorted they are, so that what is the same stands side by side; the last tells most. */
static void drop_same(struct fleet *fleet)
{
	size_t n = 0;
	for (size_t i = 0; i < fleet->n; i++) {
		struct fleet_member *member = &fleet->members[i];
		if (n > 0 && member_is_same(&fleet->members[n - 1], member))
			member_free(&fleet->members[--n]);
		fleet->members[n++] = *member;
	}
	fleet->n = n;
}

int fleet_read(struct fleet *fleet, const char *const *paths, size_t n,
	       const struct fleet_wish *wish)
{
	*fleet = (struct fleet){ 0 };
	const struct member_sink sink = { take, fleet };
	struct unread unread = { 0 };
	int r = fleet_each(paths, n, wish, &sink, NULL, &unread);
	fleet->unreadable = unread.n;
	fleet->named = unread.named;
	fleet->unread = unread.first;
	fleet->why = unread.why;
	fleet->cut = unread.n_cut;
	fleet->first_cut = unread.cut;
	if (r < 0) {
		fleet_free(fleet);
		return r;
	}
	if (fleet->n > 0)
		qsort(fleet->members, fleet->n, sizeof *fleet->members, compare);
	drop_same(fleet);
	return 0;
}

int fleet_of_profile(struct fleet *fleet, const struct profile *profile)
{
	static const struct fleet_wish nothing = { 0 };
	*fleet = (struct fleet){ 0 };
	const struct member_sink sink = { take, fleet };
	struct merged merged = { .sink = &sink, .wish = &nothing };
	int r = 0;
	for (size_t i = 0; i < profile->n_ranks && r == 0; i++) {
		const struct profile_rank *rank = &profile->ranks[i];
		r = merged_take(&merged, &(struct profile_record){ .kind = PROFILE_RANK,
								   .member = rank->member,
								   .rank = rank->rank,
								   .at = rank->peak,
								   .from = rank->from,
								   .to = rank->to,
								   .status = rank->status,
								   .text = rank->told });
	}
	r = r == 0 ? merged_end(&merged) : r;
	merged_forget(&merged);
	if (r < 0)
		fleet_free(fleet);
	return r;
}

void fleet_free(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n; i++)
		member_free(&fleet->members[i]);
	free(fleet->members);
	free(fleet->unread);
	free(fleet->first_cut);
	*fleet = (struct fleet){ 0 };
}
