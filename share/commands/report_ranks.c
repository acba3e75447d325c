/* report --ranks: many recordings of one job. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/commands/handover.h"
#include "share/commands/recording.h"
#include "share/commands/report.h"
#include "share/fault.h"
#include "share/fleet/ranks.h"

static int print_ranks(const struct fleet *fleet, const char *path, const struct report_options *o)
{
	struct fleet_ranks ranks;
	int r = fleet_ranks_make(&ranks, fleet);
	if (r == 0 && o->json) {
		fleet_ranks_json(&ranks, path);
		putchar('\n');
	} else if (r == 0) {
		r = fleet_ranks_text(&ranks, o->top);
	}
	fleet_ranks_free(&ranks);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

int report_ranks(const char *const paths[], size_t n, const struct report_options *o)
{
	const struct fleet_wish wish = { .columns = 500, .growth = true };
	struct fleet fleet;
	int r = fleet_read(&fleet, paths, n, &wish);
	if (r == -ENOTSUP)
		return handover();
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read the ranks: %s", strerror(-r));
	recording_warn_unread(fleet.unreadable, fleet.unread, fleet.why);
	recording_warn_cut(fleet.cut, fleet.first_cut);
	int status = fleet.n > 0 ? print_ranks(&fleet, n == 1 ? paths[0] : NULL, o)
				 : fault(STATUS_FAULT, "there is no recording in %s", paths[0]);
	if (status == STATUS_OK && fleet.named > 0)
		status = STATUS_FAULT;
	fleet_free(&fleet);
	return command_end(status);
}
