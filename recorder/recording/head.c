#include "recorder/recording/head.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
int head_put(const struct head *head, struct profile_writer *writer)
{
	char interval[32], pid[16], user[16], start[32], base[32], host[HOST_NAME_MAX + 1] = "";
	snprintf(interval, sizeof interval, "%g", head->interval);
	snprintf(pid, sizeof pid, "%d", (int)head->pid);
	snprintf(user, sizeof user, "%u", (unsigned)head->user);
	snprintf(start, sizeof start, "%" PRId64 ".%06d", head->epoch / 1000000000,
		 (int)(head->epoch / 1000 % 1000000));
	snprintf(base, sizeof base, "%" PRId64 ".%09d", head->base / 1000000000,
		 (int)(head->base % 1000000000));
	gethostname(host, sizeof host - 1);
	struct profile_pair pairs[16] = {
		{ "format", "1" },
		{ "tool", head->tool },
		{ "metric", head->metric },
		{ "interval", interval },
		{ "pid", pid },
		{ "uid", user },
		{ "host", host },
		{ "start", start },
		{ "clock", "monotonic" },
		{ "tree", head->tree ? "1" : "0" },
		{ "children", head->children ? "1" : "0" },
	};
	size_t n = 11;
	if (head->metrics)
		pairs[n++] = (struct profile_pair){ "metrics", head->metrics };
	if (head->base > 0)
		pairs[n++] = (struct profile_pair){ "base", base };
	profile_put_cmdline(writer, head->command);
	return profile_put_meta(writer, pairs, n);
}
