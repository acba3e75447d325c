#include "share/commands/peak_metrics.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/peak_known.h"
#include "share/metrics.h"
#include "share/number.h"
#include "share/profile/near.h"
#include "share/profile/profile.h"
#include "share/text.h"

static void print_line(const char *what, double figure, const char *unit, const char *note)
{
	printf("  %-30s%.3f %s  %s\n", what, figure, unit, note);
}

static void print_value(const struct profile *p, const struct profile_value *value)
{
	const struct known_how how = peak_of_value(p, value->metric);
	char *shown = text_printable(value->metric), note[KNOWN_SIZE + 64], words[KNOWN_SIZE];
	const char *scope = metric_scope(value->metric);
	const struct metric *metric = metric_find(value->metric);
	snprintf(note, sizeof note, "%s%s%s", known_say(words, &how), scope || how.sum ? "," : "",
		 scope     ? scope
		 : how.sum ? " of the whole tree"
			   : "");
	print_line(shown ? shown : "", sample_mib(value->series.peak.umib),
		   metric ? metric->unit : "MiB", note);
	free(shown);
}

static void print_setting(const struct profile *p, const char *key, const char *what,
			  const char *note)
{
	double mib;
	const char *text = profile_setting(p, key);
	if (text && number_decimal(text, &mib) == 0 && mib > 0)
		print_line(what, mib, "MiB", note);
}

static void print_near_limit(const struct profile *p)
{
	struct profile_near near;
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	if (profile_ends_near_limit(p, &near))
		printf("  the recording has no end: it stops where its control group held %s of "
		       "the %s allowed\n",
		       format_memory(held, near.held), format_memory(limit, near.limit));
}

void peak_print_metrics(const struct profile *p)
{
	const char *killed = profile_killed(p);
	const char *kind = profile_setting(p, "limit_kind");
	bool slows = kind && strcmp(kind, "cgroup.high") == 0;
	for (size_t i = 0; i < p->n_values; i++)
		if (p->values[i].series.samples > 0)
			print_value(p, &p->values[i]);
	print_setting(p, "cgroup_peak", "control group's own mark",
		      "exact, page cache included; it rose during the recording");
	print_setting(p, "limit", "limit",
		      slows ? "above this its control group slows it down"
			    : "what its control group allowed");
	if (killed)
		printf("  %s\n", killed);
	else if (p->ended && p->status == -SIGKILL)
		printf("  killed by SIGKILL; who sent it is not known\n");
	else
		print_near_limit(p);
}
