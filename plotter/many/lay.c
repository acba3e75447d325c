#include "plotter/many/lay.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/fleet.h"

enum lay_by lay_usual(const struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n; i++)
		if (!fleet->members[i].job || strcmp(fleet->members[i].job, fleet->members[0].job))
			return LAY_START;
	return fleet->n > 0 ? LAY_CLOCK : LAY_START;
}

static int64_t moment_of(const struct fleet_member *member, enum lay_by by)
{
	return by == LAY_MARK ? member->mark : member->from;
}

/* What stands at zero: by the clock the first start; else so much before each one's own moment as
 * there is of any of them. */
static void set_zeros(struct lay *lay, const struct fleet *fleet)
{
	int64_t first = INT64_MAX, lead = 0;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *member = &fleet->members[i];
		if (!lay->shown[i])
			continue;
		int64_t own = moment_of(member, lay->by) - member->from;
		first = member->from < first ? member->from : first;
		lead = own > lead ? own : lead;
	}
	for (size_t i = 0; i < fleet->n; i++)
		lay->zeros[i] = lay->by == LAY_CLOCK
					? first
					: moment_of(&fleet->members[i], lay->by) - lead;
	lay->meets = (double)lead / 1e6;
	lay->from_us = first;
}

int lay_make(struct lay *lay, const struct fleet *fleet, enum lay_by by)
{
	*lay = (struct lay){ .by = by };
	lay->zeros = calloc(fleet->n + 1, sizeof *lay->zeros);
	lay->shown = calloc(fleet->n + 1, sizeof *lay->shown);
	if (!lay->zeros || !lay->shown) {
		lay_free(lay);
		return -ENOMEM;
	}
	for (size_t i = 0; i < fleet->n; i++) {
		bool lacks = by == LAY_MARK && fleet->members[i].mark == 0;
		lay->shown[i] = fleet->members[i].n_points > 0 && !lacks;
		lay->n += lay->shown[i];
		lay->out += lacks;
		lay->empty += fleet->members[i].n_points == 0;
	}
	set_zeros(lay, fleet);
	for (size_t i = 0; i < fleet->n; i++)
		if (lay->shown[i])
			lay->end = fmax(lay->end, lay_x(lay, i, fleet->members[i].to));
	return 0;
}

void lay_free(struct lay *lay)
{
	free(lay->zeros);
	free(lay->shown);
	*lay = (struct lay){ 0 };
}

double lay_x(const struct lay *lay, size_t member, int64_t us)
{
	return (double)(us - lay->zeros[member]) / 1e6;
}

bool lay_is_again(const struct fleet_member *before, const struct fleet_member *member)
{
	const char *a = before->job ? before->job : "", *b = member->job ? member->job : "";
	return member->rank >= 0 && member->rank == before->rank && strcmp(a, b) == 0 &&
	       member->from >= before->to;
}
