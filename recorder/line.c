#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/interpreter.h"
#include "recorder/line.h"
#include "recorder/probe_table.h"
#include "recorder/python/inject.h"
#include "recorder/recording/recording.h"
#include "share/commands/line_report.h"
#include "share/commands/place.h"
#include "share/fault.h"
#include "share/number.h"
#include "share/output.h"

struct line_options {
	const char *module, *report; /* report NULL or "-": standard output */
	struct output output;        /* open where the report goes to a file */
	int precision;
	bool json;
};

static int parse_precision(const char *text, void *value)
{
	long parsed;
	int r = number_whole(text, &parsed);
	if (r < 0)
		return r;
	if (parsed < 0 || parsed > 6)
		return -ERANGE;
	*(int *)value = (int)parsed;
	return 0;
}

static const struct option_type type_module = { "MODULE", "a module", option_parse_text };
static const struct option_type type_precision = { "N", "a number of decimals from 0 to 6",
						   parse_precision };

#define AT(member) offsetof(struct line_options, member)
static const struct command_option options_table[] = {
	{ 'm', "module", &type_module, AT(module),
	  "run this module, as python -m does; what follows is the module's own", .last = true },
	{ 0, "precision", &type_precision, AT(precision), "decimals of the figures (3)" },
	{ 'o', "output", &option_file, AT(report), "write the report to this file" },
	{ 0, "json", NULL, AT(json), "the report as JSON" },
	{ 0 },
};

#define AGENT(member) offsetof(struct agent_wish, member)
static const struct command_option agent_table[] = {
	{ 0, "func", &inject_pattern, AGENT(listed),
	  "report the functions of this name, as if they were marked with @profile" },
	{ 0, "every-line", NULL, AGENT(every_line), "measure at every line, however short" },
	{ 0, "break-at", &option_size, AGENT(break_at),
	  "stop in pdb at the line that reaches this size" },
	{ 0 },
};

static const struct command_option recording_table[] = {
	{ 0, "recording", &option_file, RECORDING_AT(output),
	  "name the recording; else it is mprofile_<time>.dat" },
	{ 'T', "interval", &recording_seconds, RECORDING_AT(interval),
	  "seconds between samples of the recording (0.1)" },
	{ 'q', "quiet", NULL, RECORDING_AT(quiet), "no closing line" },
	{ 0 },
};

/* ---- the report ---- */

/* Opened before the program starts, as the recording is: no file, no run. */
static int open_report(struct line_options *o, const char *recording)
{
	const char *const words[] = { recording, NULL };
	if (!o->report)
		return -1;
	int status = place_check(o->report, REPLACE_REPORT, words);
	int r = status == -1 ? output_open(&o->output, o->report, REPLACE_REPORT) : 0;
	return r < 0 ? fault(STATUS_FAULT, "cannot write the report to %s: %s", o->report,
			     strerror(-r))
		     : status;
}

static int print_report(struct line_options *o, const struct profile *profile)
{
	FILE *out = o->output.stream ? o->output.stream : stdout;
	errno = 0;
	int r = o->json ? line_report_json(profile, out)
			: line_report_text(profile, o->precision, out);
	if (r == 0 && o->output.stream)
		return output_commit(&o->output);
	if (r == 0 && (fflush(out) != 0 || ferror(out)))
		r = errno ? -errno : -EIO;
	return r;
}

/* `status`, the program's own, unless there is no report. One of nothing replaces nothing. */
static int report(struct line_options *o, const char *path, int status)
{
	struct profile profile;
	int r = profile_load(&profile, path, NULL);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read the recording %s again: %s", path,
			     strerror(-r));
	if (profile.dropped_lines > 0)
		warning("%s: only the first lines are reported, there are too many", path);
	if (profile.n_listings > 0 || (!o->output.replaces && (o->json || o->report)))
		r = print_report(o, &profile);
	profile_free(&profile);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot write the report%s%s: %s",
			     o->report ? " to " : "", o->report ? o->report : "", strerror(-r));
	return status;
}

/* ---- the program ---- */

static char module_switch[] = "-m";

/* A script that the kernel can execute knows its own interpreter. */
static const char *choose_interpreter(const struct line_options *o, const char *script)
{
	if (o->module)
		return interpreter_for(o->module, INTERPRETER_ALWAYS);
	return interpreter_for(script,
			       access(script, X_OK) == 0 ? INTERPRETER_GUESS : INTERPRETER_ALWAYS);
}

static char **words_for(const struct line_options *o, char *const operands[], size_t n,
			const char *interpreter)
{
	char **words = calloc(n + 4, sizeof *words);
	size_t used = 0;
	if (!words)
		return NULL;
	if (interpreter)
		words[used++] = (char *)interpreter;
	if (o->module) {
		words[used++] = module_switch;
		words[used++] = (char *)o->module;
	}
	memcpy(words + used, operands, n * sizeof *words);
	return words;
}

/* The report is read from the recording, which a pipe or a device has not kept. */
static bool is_kept(const char *recording)
{
	struct stat status;
	return !recording || stat(recording, &status) < 0 || S_ISREG(status.st_mode);
}

/* One that is here is meant, though it is not in PATH. */
static char *file_to_execute(const char *word)
{
	size_t n = strlen(word);
	char *file = malloc(n + 3);
	if (file)
		strcpy(stpcpy(file, strchr(word, '/') || access(word, X_OK) != 0 ? "" : "./"),
		       word);
	return file;
}

static int start(struct recording *r, struct line_options *o, const char *file, char *words[])
{
	struct agent_wish *wish = inject_wish(&r->probes);
	int status = file ? -1 : fault(STATUS_FAULT, "out of memory");
	if (status == -1 && !inject_check(wish, file))
		status = STATUS_FAULT;
	if (status == -1)
		status = o->report ? place_check(o->report, REPLACE_REPORT, (const char **)words)
				   : -1;
	if (status == -1)
		status = recording_open(r, getpid(), words);
	if (status == -1)
		status = open_report(o, r->path);
	if (status == -1)
		status = recording_start(r, file, words);
	return status;
}

static int line(struct recording *r, struct line_options *o, char *const operands[], size_t n)
{
	const char *interpreter = choose_interpreter(o, operands[0]);
	char **words = words_for(o, operands, n, interpreter);
	char *file = words ? file_to_execute(words[0]) : NULL;
	int status = start(r, o, file, words);
	if (status == -1)
		status = report(o, r->path, recording_go(r, words));
	output_abandon(&o->output);
	free(words);
	free(file);
	return status;
}

static int parse(struct recording *r, struct line_options *o, int argc, char *argv[], int *n)
{
	const struct option_table tables[] = { { options_table, o },
					       { agent_table, inject_wish(&r->probes) },
					       { recording_table, &r->options },
					       { 0 } };
	return command_parse_tables(&command_line, OPERANDS_LAST, argc, argv, tables, n);
}

static int check(const struct recording *r, const struct line_options *o, int n)
{
	if (n == 0 && !o->module)
		return fault(STATUS_USAGE, "name the script to run: mprof-c line [OPTIONS] SCRIPT "
					   "[ARGUMENTS]");
	if (!is_kept(r->options.output))
		return fault(STATUS_USAGE,
			     "the report is read from the recording, which must be a file: %s is "
			     "none",
			     r->options.output);
	return -1;
}

static int run(int argc, char *argv[])
{
	struct recording recording;
	struct line_options options = { .precision = LINE_REPORT_PRECISION };
	int n, status = recording_init(&recording, probe_table);
	if (status == -1)
		status = parse(&recording, &options, argc, argv, &n);
	if (status == -1)
		status = check(&recording, &options, n);
	if (options.report && strcmp(options.report, "-") == 0)
		options.report = NULL;
	if (status == -1) {
		struct agent_wish *wish = inject_wish(&recording.probes);
		wish->wanted = wish->lines = true;
		status = line(&recording, &options, argv + 1, (size_t)n);
	}
	recording_close(&recording);
	return signals_end(status);
}

const struct command command_line = {
	.name = "line",
	.usage = "[OPTIONS] SCRIPT|-m MODULE [ARGUMENTS]",
	.summary = "run a Python script and report its memory line by line",
	.run = run,
	.options = options_table,
	.details =
		"Reported are the functions that are marked with @profile, which needs no import, "
		"and those\n"
		"that --func names. The recording keeps the report. The exit status is the "
		"script's.",
};
