#include "plotter/chart/heading.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "plotter/chart/parts.h"
#include "share/format.h"
#include "share/number.h"
#include "share/profile/near.h"
#include "share/text.h"

static char *recording_name(const struct profile *profile)
{
	return profile->command ? parts_text("%s", profile->command)
				: parts_text("%s", text_base_name(profile->path));
}

bool heading_same_command(const struct profile *const profiles[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!profiles[i]->command ||
		    strcmp(profiles[i]->command, profiles[0]->command) != 0)
			return false;
	return true;
}

int heading_title(struct chart *chart, const struct profile *const profiles[], size_t n,
		  const struct chart_wish *wish)
{
	if (wish->title)
		chart->title = parts_text("%s", wish->title);
	else if (n == 1 || heading_same_command(profiles, n))
		chart->title = recording_name(profiles[0]);
	else
		chart->title = parts_text("%zu recordings", n);
	return chart->title ? 0 : -ENOMEM;
}

/* " · exit status 3", " · ended by SIGKILL", " · without an end", or nothing when all went well. */
static void describe_end(const struct profile *profile, char *out, size_t size)
{
	const char *killed = profile_killed(profile);
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	struct profile_near near;
	out[0] = '\0';
	if (killed) {
		snprintf(out, size, " · %s", killed);
		return;
	}
	if (profile_ends_near_limit(profile, &near)) {
		snprintf(out, size, " · stops at %s of %s allowed", format_memory(held, near.held),
			 format_memory(limit, near.limit));
		return;
	}
	/* It breaks off, or goes on; mprof's never tell an end. */
	if (!profile->ended && profile_setting(profile, "tool"))
		snprintf(out, size, " · without an end");
	if (!profile->ended || profile->status == PROFILE_STATUS_UNKNOWN || profile->status == 0)
		return;
	const char *abbreviation = profile->status < 0 ? sigabbrev_np(-profile->status) : NULL;
	if (abbreviation)
		snprintf(out, size, " · ended by SIG%s", abbreviation);
	else if (profile->status < 0)
		snprintf(out, size, " · ended by signal %d", -profile->status);
	else
		snprintf(out, size, " · exit status %d", profile->status);
}

/* " · peak 912.0 MiB with children", where they are not in the curve. */
static void describe_family(const struct profile *profile, char *out, size_t size)
{
	char most[FORMAT_SIZE];
	out[0] = '\0';
	if (profile_is_set(profile, "children") && !profile_is_set(profile, "tree") &&
	    profile->together.umib > profile->memory.peak.umib)
		snprintf(out, size, " · peak %s with children",
			 format_memory(most, sample_mib(profile->together.umib)));
}

/* " · 8.00 GiB allowed", where no line says it. */
static void describe_limit(const struct chart *chart, const struct profile *profile, char *out,
			   size_t size)
{
	char limit[FORMAT_SIZE];
	double mib;
	out[0] = '\0';
	for (size_t i = 0; i < chart->n_limits; i++)
		if (!chart->limits[i].below && chart->limits[i].colour == CHART_OTHERS)
			return;
	if (profile_setting_mib(profile, "limit", &mib))
		snprintf(out, size, " · %s allowed", format_memory(limit, mib));
}

/* " · grows 596 MiB/h": what does not, or is too short to tell, is not worth a word. */
static void describe_growth(const struct chart *chart, char *out, size_t size)
{
	out[0] = '\0';
	if (chart->growth > 0)
		snprintf(out, size, " · grows %.*f MiB/h", chart->growth < 20 ? 1 : 0,
			 chart->growth);
}

/* "3.90 s", or what of it the window shows: "0.40 s to 1.00 s of 3.90 s". */
static void describe_length(const struct profile *profile, const struct chart_wish *wish, char *out,
			    size_t size)
{
	char all[FORMAT_SIZE], from[FORMAT_SIZE], to[FORMAT_SIZE];
	format_duration(all, parts_length(profile));
	format_duration(from, wish->from);
	format_duration(to, wish->to);
	if (wish->from == wish->to)
		snprintf(out, size, "%s", all);
	else if (profile->ended)
		snprintf(out, size, "%s to %s of %s", from, to, all);
	else
		snprintf(out, size, "%s to %s", from, to);
}

/* "2023-11-14 22:13:20", or nothing. */
static void describe_start(const struct profile *profile, char *out, size_t size)
{
	time_t start = (time_t)(profile->start_us / 1000000);
	struct tm local;
	out[0] = '\0';
	if (localtime_r(&start, &local))
		strftime(out, size, "%Y-%m-%d %H:%M:%S", &local);
}

/* How several lie over each other. */
static char *describe_alignment(const struct profile *const profiles[],
				const struct chart_wish *wish)
{
	char date[64];
	if (!wish->aligned)
		return parts_text("each from its own start");
	if (wish->meeting)
		return parts_text("%s", wish->aligned);
	describe_start(profiles[0], date, sizeof date);
	return parts_text("%s%s%s%s", wish->aligned, *date ? ", from " : "", date,
			  *date ? " on" : "");
}

/* A curve that is the first program's own has areas above it where the others' heap is. */
static void describe_heap(const struct profile *profile, const struct chart_wish *wish, char *out,
			  size_t size)
{
	const char *seen = profile_setting(profile, "heap_seen");
	long n;
	bool more =
		seen && number_whole(seen, &n) == 0 && n > 1 && !profile_is_set(profile, "tree");
	out[0] = '\0';
	if (wish->heap && more)
		snprintf(out, size, " · areas: sampled heap by line, of %ld programs", n);
	else if (wish->heap)
		snprintf(out, size, " · areas: sampled heap by line");
}

/* Its children go on without it. */
static char *describe_absence(const struct profile *profile, const struct chart_wish *wish)
{
	char date[64], length[3 * FORMAT_SIZE + 16];
	describe_start(profile, date, sizeof date);
	describe_length(profile, wish, length, sizeof length);
	return parts_text("%s · %s · no sample of the program itself", date, length);
}

int heading_subtitle(struct chart *chart, const struct profile *const profiles[], size_t n,
		     const struct chart_wish *wish)
{
	const struct profile *profile = profiles[0];
	if (n > 1 || profile->memory.samples == 0) {
		chart->subtitle = n > 1 ? describe_alignment(profiles, wish)
					: describe_absence(profile, wish);
		return chart->subtitle ? 0 : -ENOMEM;
	}
	char date[64], length[3 * FORMAT_SIZE + 16], end[64], limit[FORMAT_SIZE + 16];
	char family[FORMAT_SIZE + 32], growth[FORMAT_SIZE + 32];
	char heap[96];
	describe_heap(profile, wish, heap, sizeof heap);
	describe_start(profile, date, sizeof date);
	describe_length(profile, wish, length, sizeof length);
	describe_end(profile, end, sizeof end);
	describe_limit(chart, profile, limit, sizeof limit);
	describe_family(profile, family, sizeof family);
	describe_growth(chart, growth, sizeof growth);
	const char *failure = chart->failure ? chart->failure : "";
	chart->subtitle = parts_text("%s · %s · %llu sample%s%s%s%s%s%s%s%s", date, length,
				     (unsigned long long)profile->memory.samples,
				     profile->memory.samples == 1 ? "" : "s", heap, family, growth,
				     limit, end, *failure ? " · " : "", failure);
	bool bad = *failure && (!profile->ended || profile->status != 0);
	size_t said = *failure ? strlen(failure) + strlen(" · ") : 0;
	if (chart->subtitle && profile_killed(profile) && *end)
		chart->alarm = strlen(chart->subtitle) - said - strlen(end);
	else if (chart->subtitle && bad)
		chart->alarm = strlen(chart->subtitle) - said;
	return chart->subtitle ? 0 : -ENOMEM;
}
