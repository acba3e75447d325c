#include "recorder/library/file.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/arguments.h"
#include "recorder/recording/naming.h"
#include "share/version.h"

enum { COMMAND_SIZE = 1 << 17 };

static void put_command(struct profile_writer *writer)
{
	char *text = malloc(COMMAND_SIZE);
	char **arguments = text ? arguments_of(getpid(), text, COMMAND_SIZE) : NULL;
	char *unknown[] = { (char[]){ "?" }, NULL };
	profile_put_cmdline(writer, arguments && arguments[0] ? arguments : unknown);
	free(arguments);
	free(text);
}

int file_put_head(const struct mprof_recorder *r, struct profile_writer *writer)
{
	char interval[32], pid[16], start[32], host[HOST_NAME_MAX + 1] = "";
	snprintf(interval, sizeof interval, "%g", r->options.interval);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	snprintf(start, sizeof start, "%" PRId64 ".%06d", r->sampler.epoch / 1000000000,
		 (int)(r->sampler.epoch / 1000 % 1000000));
	gethostname(host, sizeof host - 1);
	const struct profile_pair pairs[] = {
		{ "format", "1" },
		{ "tool", "libmprof-c/" MPROF_VERSION },
		{ "metric", r->options.metric },
		{ "interval", interval },
		{ "pid", pid },
		{ "host", host },
		{ "start", start },
		{ "clock", "monotonic" },
		{ "tree", r->options.tree ? "1" : "0" },
		{ "children", "0" },
		{ "rank", naming_rank() },
	};
	size_t n = sizeof pairs / sizeof *pairs;
	put_command(writer);
	return profile_put_meta(writer, pairs, naming_rank() ? n : n - 1);
}

int file_put_foot(struct profile_writer *writer, int64_t us, const struct mprof_summary *summary)
{
	return profile_put_exit(writer, PROFILE_STATUS_UNKNOWN, us,
				summary->peak_is_exact ? summary->peak : 0, summary->samples,
				summary->missed);
}
