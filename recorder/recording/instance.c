#include "recorder/recording/instance.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/clock_sync.h"
#include "recorder/kernel/procfs.h"
#include "recorder/recording/launcher.h"
#include "share/profile/profile.h"

enum { MOST_PAIRS = 7, MOMENT_SIZE = 32 };

static int put_launcher(struct profile_writer *writer, const struct launcher *l)
{
	const struct profile_pair all[MOST_PAIRS] = {
		{ "launcher", l->name },   { "job", l->job },
		{ "step", l->step },       { "rank", l->rank },
		{ "ranks", l->ranks },     { "node", *l->node ? l->node : NULL },
		{ "restart", l->restart },
	};
	struct profile_pair known[MOST_PAIRS];
	size_t n = 0;
	for (size_t i = 0; i < MOST_PAIRS; i++)
		if (all[i].value)
			known[n++] = all[i];
	return n > 0 ? profile_put_meta(writer, known, n) : 0;
}

static const char *write_moment(char out[MOMENT_SIZE], int64_t ns)
{
	snprintf(out, MOMENT_SIZE, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
	return out;
}

/* The monotonic clock is read between two readings of the other. */
static void read_both(int64_t *real, int64_t *monotonic)
{
	int64_t before = clock_epoch();
	*monotonic = clock_kernel();
	*real = before + (clock_epoch() - before) / 2;
}

static int put_clock(struct profile_writer *writer)
{
	char realtime[MOMENT_SIZE], monotonic[MOMENT_SIZE], error[MOMENT_SIZE], boot[64] = "";
	int64_t now[2];
	struct clock_sync sync;
	struct profile_pair pairs[5] = { { "realtime", realtime }, { "monotonic", monotonic } };
	size_t n = 2;
	read_both(&now[0], &now[1]);
	write_moment(realtime, now[0]);
	write_moment(monotonic, now[1]);
	if (procfs_once(0, "sys/kernel/random/boot_id", boot, sizeof boot) > 0) {
		boot[strcspn(boot, "\n")] = '\0';
		pairs[n++] = (struct profile_pair){ "boot", boot };
	}
	if (clock_sync_read(&sync) == 0) {
		snprintf(error, sizeof error, "%.6f", sync.most_error);
		pairs[n++] = (struct profile_pair){ "clock_error", error };
		pairs[n++] =
			(struct profile_pair){ "unsynchronised", sync.unsynchronised ? "1" : "0" };
	}
	return profile_put_meta(writer, pairs, n);
}

int instance_put(struct profile_writer *writer, const struct launcher *l)
{
	int r = put_launcher(writer, l);
	return r == 0 && l->name ? put_clock(writer) : r;
}
