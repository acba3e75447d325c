#include "recorder/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/arguments.h"
#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/cgroup_named.h"
#include "recorder/kernel/own_procfs.h"
#include "recorder/match.h"
#include "recorder/probe_table.h"
#include "recorder/recording/launcher.h"
#include "recorder/recording/viewer.h"
#include "share/fault.h"
#include "share/metrics.h"
#include "share/number.h"

enum { MOST_LISTED = 10 };

static const struct option_type group_type = { "GROUP", "a path or the name of a control group",
					       option_parse_text };

static int parse_rank(const char *text, void *value)
{
	long rank;
	int r = number_whole(text, &rank);
	if (r == 0 && rank < 0)
		return -ERANGE;
	*(const char **)value = text;
	return r;
}

static const struct option_type rank_type = { "NUMBER", "a rank, from 0", parse_rank };

/* Behind those that all recordings have. */
static const struct command_option options_table[] = {
	{ 'q', "quiet", NULL, RECORDING_AT(quiet), "no closing line" },
	{ 0, "cgroup", &group_type, RECORDING_AT(group),
	  "all of a control group: a container, a unit, a slice" },
	{ 0, "rank", &rank_type, RECORDING_AT(rank),
	  "of several processes, the one of this rank of a job" },
	{ 't', "timeout", &recording_timeout, RECORDING_AT(timeout),
	  "stop after so many seconds; without it, when the process ends" },
	{ 0 },
};

/* A sentence that says all of them, since whoever meant one must now choose. */
static int say_several(const char *word, const struct match *matches, size_t n)
{
	char list[1536] = "";
	size_t used = 0;
	for (size_t i = 0; i < n && i < MOST_LISTED && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%d (%.100s)",
					 i ? ", " : "", (int)matches[i].pid, matches[i].command);
	return fault(STATUS_USAGE, "'%s' means %zu processes: %s%s; name one by its number", word,
		     n, list, n > MOST_LISTED ? ", …" : "");
}

/* In a job of ours the rank is one of that job. */
static bool is_of_rank(pid_t pid, const struct launcher *ours, const char *wanted)
{
	struct launcher launcher;
	long rank = -1, number = -1;
	launcher_ask(&launcher, pid);
	bool is = launcher.rank && number_whole(launcher.rank, &rank) == 0 &&
		  number_whole(wanted, &number) == 0 && rank == number;
	if (is && ours->job && ours->step)
		is = launcher.job && strcmp(launcher.job, ours->job) == 0;
	launcher_free(&launcher);
	return is;
}

/* Puts those of that rank first; how many there are. */
static size_t pick_rank(struct match *matches, size_t n, const char *rank)
{
	struct launcher ours;
	size_t kept = 0;
	launcher_ask(&ours, getpid());
	for (size_t i = 0; i < n; i++) {
		const struct match match = matches[i];
		if (!is_of_rank(match.pid, &ours, rank))
			continue;
		matches[i] = matches[kept];
		matches[kept++] = match;
	}
	launcher_free(&ours);
	return kept;
}

static int find(const char *word, const char *rank, struct match *found)
{
	struct match *matches;
	size_t all, n;
	int r = match_find(word, &matches, &all);
	n = r == 0 && rank ? pick_rank(matches, all, rank) : all;
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list the running processes: %s", strerror(-r));
	int status = -1;
	if (n == 0)
		status = fault(STATUS_FAULT, "there is no running process '%s'%s%s", word,
			       rank ? " of rank " : "", rank ? rank : "");
	else if (n > 1)
		status = say_several(word, matches, n);
	else
		*found = (struct match){ .pid = matches[0].pid, .start = matches[0].start };
	match_free(matches, all);
	if (status == -1 && found->pid == getpid())
		return fault(STATUS_USAGE, "process %d is this very recorder", (int)found->pid);
	return status;
}

/* Tries what the recorder will read, so that a refusal comes before there is a file. */
static int check_readable(const struct source *source, pid_t pid)
{
	int r = source_try(source, pid);
	if (r == -EACCES || r == -EPERM)
		return fault(STATUS_FAULT,
			     "may not read the %s of process %d: it belongs to another user",
			     source->metric->name, (int)pid);
	if (r < 0)
		return fault(
			STATUS_FAULT,
			"process %d has no memory to record: it has ended, or is the kernel's own",
			(int)pid);
	return -1;
}

static int check_metrics(const struct metric_list *metrics, pid_t pid)
{
	int status = metric_list_check(metrics);
	for (size_t i = 0; i < metrics->n && status == -1; i++)
		status = check_readable(metrics->sources[i], pid);
	return status;
}

static int record(struct recording *recording, pid_t pid)
{
	char **arguments = arguments_of(pid);
	if (recording->options.live)
		viewer_open_here(recording);
	int status = arguments ? recording_go(recording, arguments)
			       : fault(STATUS_FAULT, "out of memory");
	free(arguments);
	return status;
}

int attach_to(struct recording *recording, const char *word)
{
	struct match found = { 0 };
	/* In another's /proc there is nobody whom a number means here. */
	int status = own_procfs_check() < 0 ? metric_list_check(&recording->options.metrics) : -1;
	if (status == -1)
		status = *word ? find(word, recording->options.rank, &found)
			       : fault(STATUS_USAGE,
				       "an empty name means no process; name the one to "
				       "attach to, by its number or its name");
	if (status == -1)
		status = check_metrics(&recording->options.metrics, found.pid);
	if (status == -1)
		status = recording_open(recording, found.pid, NULL);
	if (status == -1)
		status = recording_adopt(recording, found.pid, found.start);
	return status == -1 ? record(recording, found.pid) : status;
}

/* ---- a group ---- */

static int find_group(const char *word, struct cgroup *group)
{
	int r = cgroup_named(group, word);
	if (r == -EEXIST)
		return fault(STATUS_USAGE,
			     "several control groups are called '%s'; name one by its path", word);
	if (r < 0)
		return fault(
			STATUS_FAULT,
			"there is no control group '%s'; /proc/PID/cgroup tells a process' own",
			word);
	return -1;
}

/* Everybody in it counts, whoever started them. */
static int attach_to_group(struct recording *recording)
{
	static struct cgroup group;
	struct recording_options *o = &recording->options;
	char *words[] = { (char *)o->group, NULL };
	int status = own_procfs_check() < 0 ? metric_list_check(&o->metrics) : -1;
	if (status == -1)
		status = find_group(o->group, &group);
	o->tree = true;
	if (status == -1)
		status = recording_open(recording, 0, NULL);
	if (status == -1)
		status = recording_adopt_group(recording, &group);
	if (status == -1 && o->live)
		viewer_open_here(recording);
	return status == -1 ? recording_go(recording, words) : status;
}

static int check_operands(const struct recording *r, int n)
{
	if (r->options.group && r->options.rank)
		return fault(STATUS_USAGE,
			     "--rank picks a process, and --cgroup none: name either");
	if (r->options.group && n > 0)
		return fault(STATUS_USAGE, "--cgroup stands in place of a process: name either");
	if (!r->options.group && n != 1)
		return fault(STATUS_USAGE,
			     n ? "attach takes one process, by its number or its name"
			       : "name the process to attach to, by its number or its name");
	return -1;
}

static int parse(struct recording *r, int argc, char *argv[], int *n)
{
	struct option_table tables[N_PROBES + 3] = { { recording_rows, &r->options } };
	size_t used = 1 + probes_options(&r->probes, false, tables + 1);
	tables[used] = (struct option_table){ options_table, &r->options };
	return command_parse_tables(&command_attach, OPERANDS_ANYWHERE, argc, argv, tables, n);
}

static int run(int argc, char *argv[])
{
	struct recording recording;
	int n, status = recording_init(&recording, probe_table);
	if (status == -1)
		status = parse(&recording, argc, argv, &n);
	if (status == -1)
		status = check_operands(&recording, n);
	if (status == -1)
		status = recording.options.group ? attach_to_group(&recording)
						 : attach_to(&recording, argv[1]);
	recording_close(&recording);
	return signals_end(status);
}

const struct command command_attach = {
	.name = "attach",
	.usage = "[OPTIONS] PID|NAME|--cgroup GROUP",
	.summary = "record a running process",
	.run = run,
	.options = options_table,
	.details = METRIC_LINES
	"\n\nNAME is a program's or script's own name, else a part of it as the command "
	"line has it; several\n"
	"matches are listed and refused. The recording ends with the process, at the "
	"timeout, or with Ctrl-C.",
};
