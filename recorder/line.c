#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/interpreter.h"
#include "recorder/record.h"
#include "share/commands/line_report.h"
#include "share/fault.h"
#include "share/number.h"

extern const struct command command_line;

/* The recording's options first: the finish is handed only those. */
struct line_options {
	struct record_options record;
	const char *module, *report;
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
static const struct option_type type_report = { "FILE", "a file", option_parse_text };

#define AT(member)        offsetof(struct line_options, member)
#define RECORDING(member) offsetof(struct line_options, record.member)
static const struct command_option options_table[] = {
	{ 'm', "module", &type_module, AT(module),
	  "run this module, as python -m does; what follows is the module's own", .last = true },
	{ 0, "func", &inject_pattern, RECORDING(agent.listed),
	  "report the functions of this name, as if they were marked with @profile" },
	{ 0, "precision", &type_precision, AT(precision), "decimals of the figures (3)" },
	{ 'o', "output", &type_report, AT(report), "write the report to this file" },
	{ 0, "json", NULL, AT(json), "the report as JSON" },
	{ 0, "every-line", NULL, RECORDING(agent.every_line),
	  "measure at every line, however short" },
	{ 0, "break-at", &inject_size, RECORDING(agent.break_at),
	  "stop in pdb at the line that reaches this size" },
	{ 0, "recording", &record_file, RECORDING(output),
	  "name the recording; else it is mprofile_<time>.dat" },
	{ 'T', "interval", &record_seconds, RECORDING(interval),
	  "seconds between samples of the recording (0.1)" },
	{ 'q', "quiet", NULL, RECORDING(quiet), "no closing line" },
	{ 0 },
};

/* ---- the report ---- */

static int print_report(const struct line_options *o, const struct profile *profile)
{
	FILE *out = o->report ? fopen(o->report, "we") : stdout;
	if (!out)
		return -errno;
	errno = 0;
	int r = o->json ? line_report_json(profile, out)
			: line_report_text(profile, o->precision, out);
	int flushed = o->report ? fclose(out) : fflush(out);
	if (r == 0 && (flushed != 0 || (!o->report && ferror(out))))
		r = errno ? -errno : -EIO;
	return r;
}

/* The program's own status stands, unless there is no report. */
static int finish(const struct record_options *record, const char *path, int status)
{
	const struct line_options *o = record->agent.finish_with;
	struct profile profile;
	int r = profile_load(&profile, path, NULL);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read the recording %s again: %s", path,
			     strerror(-r));
	if (profile.dropped_lines > 0)
		warning("%s: only the first lines are reported, there are too many", path);
	if (profile.n_listings > 0 || o->json || o->report)
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

static int line(struct line_options *o, char *const operands[], size_t n)
{
	struct recording recording;
	const char *interpreter = choose_interpreter(o, operands[0]);
	char **words = words_for(o, operands, n, interpreter);
	char *file = words ? file_to_execute(words[0]) : NULL;
	int status = file ? -1 : fault(STATUS_FAULT, "out of memory");
	if (status == -1 && !inject_check(&o->record.agent, file))
		status = STATUS_FAULT;
	if (status == -1)
		status = record_open(&recording, &o->record, getpid());
	if (status == -1)
		status = record_start(&recording, file, words);
	if (status == -1)
		status = record_target(&recording, words);
	free(words);
	free(file);
	return status;
}

static int run(int argc, char *argv[])
{
	struct line_options options = { .record = RECORD_DEFAULTS,
					.precision = LINE_REPORT_PRECISION };
	int n, status = command_parse(&command_line, OPERANDS_LAST, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n == 0 && !options.module)
		return fault(STATUS_USAGE, "name the script to run: mprof-c line [OPTIONS] SCRIPT "
					   "[ARGUMENTS]");
	if (!is_kept(options.record.output))
		return fault(STATUS_USAGE,
			     "the report is read from the recording, which must be a file: %s is "
			     "none",
			     options.record.output);
	options.record.agent.wanted = options.record.agent.lines = true;
	options.record.agent.finish = finish;
	options.record.agent.finish_with = &options;
	return line(&options, argv + 1, (size_t)n);
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
