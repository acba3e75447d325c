#include "share/recording.h"

#include <errno.h>
#include <string.h>

#include "share/fault.h"
#include "share/profile.h"

void recording_warn(const struct profile *profile)
{
	const struct profile_flaws *flaws = &profile->flaws;
	if (profile->runs > 1)
		warning("%s holds %u runs; the last one is shown", profile->path, profile->runs);
	if (flaws->malformed > 0)
		warning("%s: %llu malformed line%s skipped, the first is line %llu", profile->path,
			(unsigned long long)flaws->malformed, flaws->malformed == 1 ? "" : "s",
			(unsigned long long)flaws->first_malformed);
	if (profile->untracked_children > 0)
		warning("%s: of more than %zu children, only these are shown", profile->path,
			profile->n_children);
}

int recording_say_empty(const char *path)
{
	return fault(STATUS_FAULT,
		     "%s holds no samples: nothing was recorded; remove it with: mprof-c rm %s",
		     path, path);
}

bool recording_needs_plotter(const char *const paths[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct profile_input input;
		if (strcmp(paths[i], "-") == 0)
			continue; /* what is read of a pipe is gone */
		if (profile_open(&input, paths[i]) == -ENOTSUP)
			return true;
		profile_close(&input);
	}
	return false;
}
