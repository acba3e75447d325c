#include "recorder/recording/options.h"

#include <errno.h>

#include "recorder/recording/sampler.h"
#include "share/metrics.h"
#include "share/number.h"

static const double LONGEST_TIMEOUT = 1e9;

static int parse_between(const char *text, double low, double high, double *value)
{
	double parsed;
	int r = number_decimal(text, &parsed);
	if (r < 0)
		return r;
	if (parsed < low || parsed > high)
		return -ERANGE;
	*value = parsed;
	return 0;
}

static int parse_interval(const char *text, void *value)
{
	return parse_between(text, SAMPLER_SHORTEST, SAMPLER_LONGEST, value);
}

static int parse_timeout(const char *text, void *value)
{
	return parse_between(text, SAMPLER_SHORTEST, LONGEST_TIMEOUT, value);
}

/* What is wrong with it is said when all options are known. */
static int parse_metrics(const char *text, void *value)
{
	metric_list_parse(text, value);
	return 0;
}

const struct option_type recording_seconds = { "SECONDS", "seconds from 0.0001 to 86400 (a day)",
					       parse_interval };
const struct option_type recording_timeout = { "SECONDS", "seconds from 0.0001 to 1000000000",
					       parse_timeout };
static const struct option_type metrics = { "METRICS", "metrics", parse_metrics, METRIC_WORDS };

const struct command_option recording_rows[] = {
	{ 'T', "interval", &recording_seconds, RECORDING_AT(interval),
	  "seconds between samples (0.1)" },
	{ 'C', "include-children", NULL, RECORDING_AT(tree), "count the whole process tree" },
	{ 'M', "multiprocess", NULL, RECORDING_AT(children),
	  "record each descendant as a series of its own" },
	{ 0, "wait", NULL, RECORDING_AT(wait),
	  "go on until the last descendant has ended (with -C, unless -M)" },
	{ 'o', "output", &option_file, RECORDING_AT(output),
	  "name the recording; %p %h %r %j %t are filled in" },
	{ 0, "live", NULL, RECORDING_AT(live), "show it while it is recorded, by mprof-c live" },
	{ 0, "public", NULL, RECORDING_AT(public), "let others read the recording too" },
	{ 'b', "backend", &metrics, RECORDING_AT(metrics),
	  "what to measure: rss (default), pss, swap …; several with commas" },
	{ 0 },
};
