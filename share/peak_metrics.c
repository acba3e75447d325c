#include "share/peak_metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/number.h"
#include "share/profile.h"
#include "share/text.h"

static void print_line(const char *what, double mib, const char *note)
{
	printf("  %-30s%.3f MiB  %s\n", what, mib, note);
}

static void print_value(const struct profile_value *value, const char *tree)
{
	char *shown = text_printable(value->metric), note[96];
	bool of_tree = tree && strcmp(tree, "1") == 0;
	snprintf(note, sizeof note, "highest sample%s: a lower bound",
		 of_tree ? " of the whole tree" : "");
	print_line(shown ? shown : "", sample_mib(value->series.peak.umib), note);
	free(shown);
}

static void print_setting(const struct profile *p, const char *key, const char *what,
			  const char *note)
{
	double mib;
	const char *text = profile_setting(p, key);
	if (text && number_decimal(text, &mib) == 0)
		print_line(what, mib, note);
}

void peak_print_metrics(const struct profile *p)
{
	const char *killed = profile_killed(p), *tree = profile_setting(p, "tree");
	for (size_t i = 0; i < p->n_values; i++)
		if (p->values[i].series.samples > 0)
			print_value(&p->values[i], tree);
	print_setting(p, "cgroup_peak", "control group's own mark",
		      "exact, page cache included, since the group was made");
	print_setting(p, "limit", "limit", "what its control group allowed");
	if (killed)
		printf("  %s\n", killed);
}
