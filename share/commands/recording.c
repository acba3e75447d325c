#include "share/commands/recording.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "share/commands/catalog.h"
#include "share/fault.h"
#include "share/profile/near.h"
#include "share/profile/profile.h"
#include "share/snapshot/pickle.h"
#include "share/text.h"

/* Where the recorder could not write for a while: a full disk, a reader that slept. */
static void warn_of_gaps(const struct profile *p)
{
	const char *dropped = profile_setting(p, "dropped");
	if (dropped && strcmp(dropped, "0") != 0)
		warning("%s has gaps: %s records could not be written when they were made, and are "
			"missing",
			p->path, dropped);
}

void recording_warn(const struct profile *profile)
{
	const struct profile_flaws *flaws = &profile->flaws;
	warn_of_gaps(profile);
	if (profile->runs > 1)
		warning("%s holds several runs; the last of %u runs is shown", profile->path,
			profile->runs);
	if (flaws->malformed > 0)
		warning("%s: %llu malformed line%s skipped, the first is line %llu", profile->path,
			(unsigned long long)flaws->malformed, flaws->malformed == 1 ? "" : "s",
			(unsigned long long)flaws->first_malformed);
	if (flaws->truncated && profile->memory.samples > 0)
		warning("%s is cut off: it is compressed, and what it holds does not end; the rest "
			"is missing",
			profile->path);
	uint64_t unnamed = profile->unnamed + profile->growth.unnamed + profile->dropped_lines;
	if (unnamed > 0)
		warning("%s names more functions, files and lines than are kept: %llu records of "
			"the last are left out, or stand under others",
			profile->path, (unsigned long long)unnamed);
	if (profile->untracked_children > 0)
		warning("%s: of more than %zu children, only these are shown", profile->path,
			profile->n_children);
}

void recording_warn_unread(size_t n, const char *first, int why)
{
	const char *reason = why ? recording_reason(why) : "it holds no recording";
	if (n == 1)
		warning("%s is left out: %s", first, reason);
	else if (n > 1)
		warning("%zu files are left out, the first is %s: %s", n, first, reason);
}

void recording_warn_cut(size_t n, const char *first)
{
	if (n == 1)
		warning("%s is cut off: the rest of it is missing", first);
	else if (n > 1)
		warning("%zu files are cut off, the first is %s: the rest of them is missing", n,
			first);
}

/* Has it lines, none of which says anything, or would rm refuse it? Then it is no recording, and
 * nobody is to be told to remove it. */
static bool is_foreign(const struct profile *p)
{
	bool says_nothing = p->flaws.lines > 0 && p->records == 0 && p->start_us == 0;
	return says_nothing ||
	       (!catalog_is_recording(text_base_name(p->path)) && recording_is_one(p->path) <= 0);
}

/* The first bytes, over short reads; how many, or -errno. */
static ssize_t read_head(const char *path, char *head, size_t size)
{
	struct profile_input input;
	size_t used = 0;
	ssize_t n = profile_open(&input, path);
	if (n < 0)
		return n;
	while (used < size && (n = input.read(input.handle, head + used, size - used)) > 0)
		used += (size_t)n;
	profile_close(&input);
	return n < 0 ? n : (ssize_t)used;
}

static bool is_pickle(const char *path)
{
	unsigned char head[2];
	return recording_is_file(path) && read_head(path, (char *)head, sizeof head) == 2 &&
	       pickle_begins(head);
}

int recording_say_empty(const struct profile *profile)
{
	const char *path = profile->path;
	char quoted[1024];
	if (strcmp(path, "-") == 0)
		return fault(STATUS_FAULT, "standard input holds no samples");
	if (is_pickle(path))
		return fault(STATUS_FAULT,
			     "%s is no recording, but a pickle; a memory snapshot of torch is told "
			     "by: mprof-c report",
			     path);
	if (is_foreign(profile))
		return fault(STATUS_FAULT, "%s is no recording: it holds no samples", path);
	if (profile->flaws.truncated)
		return fault(STATUS_FAULT,
			     "%s is damaged: it is compressed, and ends before its first sample",
			     path);
	profile_quote(quoted, sizeof quoted, path);
	return fault(STATUS_FAULT,
		     "%s holds no samples: nothing was recorded; remove it with: mprof-c rm %s%s",
		     path, path[0] == '-' ? "./" : "", quoted);
}

const char *recording_reason(int error)
{
	return error == -EBADMSG ? "damaged: what is compressed in it cannot be unpacked"
				 : strerror(-error);
}

bool recording_is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

int recording_is_one(const char *path)
{
	static const char *const tags[] = { "CMDLINE ", "META ", "MEM ", "CHLD ", "FUNC " };
	char head[8];
	if (!recording_is_file(path))
		return 0;
	ssize_t n = read_head(path, head, sizeof head);
	if (n < 0)
		return (int)n;
	if (n == 0)
		return text_ends_in(path, ".dat") || text_ends_in(path, ".dat.gz");
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if ((size_t)n >= strlen(tags[i]) && memcmp(head, tags[i], strlen(tags[i])) == 0)
			return 1;
	return 0;
}

void recording_put_near(const struct profile_near *near)
{
	if (near)
		printf(", \"near_limit\": {\"held_mib\": %.6f, \"limit_mib\": %.6f}", near->held,
		       near->limit);
	else
		fputs(", \"near_limit\": null", stdout);
}
