#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/attach.h"
#include "recorder/heap/probe.h"
#include "recorder/interpreter.h"
#include "recorder/probe_table.h"
#include "recorder/python/executable.h"
#include "recorder/python/inject.h"
#include "recorder/recording/viewer.h"
#include "recorder/run.h"
#include "share/fault.h"
#include "share/metrics.h"

struct run_options {
	bool attach, exit_code, python, no_python;
};

/* Behind those that all recordings have, and before those that say something of Python. */
#define AT(member) offsetof(struct run_options, member)
static const struct command_option options_table[] = {
	{ 'a', "attach", NULL, AT(attach),
	  "record the running process PROGRAM: a number or a name" },
	{ 'E', "exit-code", NULL, AT(exit_code),
	  "leave with the program's status, as is always done" },
	{ 0, "python", NULL, AT(python), "run PROGRAM under Python, and record calls of @profile" },
	{ 0, "nopython", NULL, AT(no_python), "execute PROGRAM itself, even when it ends in .py" },
	{ 0 },
};
static const struct command_option recording_table[] = {
	{ 'q', "quiet", NULL, RECORDING_AT(quiet), "no closing line" },
	{ 't', "timeout", &recording_timeout, RECORDING_AT(timeout),
	  "stop recording after so many seconds; the program runs on" },
	{ 0 },
};

/* What is executed: the program's own words, untouched, behind an interpreter where it needs one.
 */
static char **words_for(char *const program[], size_t n, const char *interpreter)
{
	char **words = calloc(n + 2, sizeof *words);
	size_t used = 0;
	if (words && interpreter)
		words[used++] = (char *)interpreter;
	for (size_t i = 0; words && i < n; i++)
		words[used++] = program[i];
	return words;
}

/* A script of this folder needs no ./ before it, as under mprof. */
static const char *file_to_execute(const char *program, const char *interpreter, char **made)
{
	*made = NULL;
	if (interpreter || strchr(program, '/') || !interpreter_is_for(program) ||
	    access(program, X_OK) != 0)
		return interpreter ? interpreter : program;
	*made = malloc(strlen(program) + 3);
	return *made ? strcat(strcpy(*made, "./"), program) : program;
}

/* The script among the program's first two words: "train.py", "python3 train.py"; NULL: none. */
static const char *script_of(char *const program[], size_t n)
{
	for (size_t i = 0; i < n && i < 2; i++)
		if (interpreter_is_for(program[i]))
			return program[i];
	return NULL;
}

/* Asked for, or needed by a script that marks its functions for a profiler. */
static bool looks_inside(const struct run_options *o, const struct agent_wish *wish,
			 char *const program[], size_t n)
{
	if (o->python || wish->functions.n > 0 || wish->listed.n > 0 || wish->break_at > 0)
		return true;
	if (o->no_python)
		return false;
	const char *script = script_of(program, n);
	return script && executable_asks_for_profile(script);
}

/* Seen from outside, a module that is missing is a script that imports it and ends with 1. */
static void hint(const struct recording *r, bool inside, const char *script, int status)
{
	if (status != 1 || inside || !script || r->options.quiet ||
	    !executable_imports_memory_profiler(script))
		return;
	notice("%s imports memory_profiler; if that was missing, leave the line out: @profile "
	       "needs no import here; or say: mprof-c run --python",
	       script);
}

static int record(struct recording *r, const struct run_options *o, char *const program[], size_t n)
{
	struct agent_wish *wish = inject_wish(&r->probes);
	enum interpreter_wish how = o->python      ? INTERPRETER_ALWAYS
				    : o->no_python ? INTERPRETER_NEVER
						   : INTERPRETER_GUESS;
	const char *interpreter = interpreter_for(program[0], how);
	char *made, **words = words_for(program, n, interpreter);
	const char *file = file_to_execute(program[0], interpreter, &made);
	bool inside = looks_inside(o, wish, program, n) && inject_check(wish, file);
	wish->wanted = inside;
	wish->file = file;
	heap_check(&r->probes, file);
	int status =
		words ? recording_open(r, getpid(), words) : fault(STATUS_FAULT, "out of memory");
	if (status == -1 && r->options.live)
		viewer_open_elsewhere(r);
	if (status == -1)
		status = recording_start(r, file, words);
	if (status == -1) {
		status = recording_go(r, words);
		hint(r, inside, script_of(program, n), status);
	}
	free(words);
	free(made);
	return status;
}

static int parse(struct recording *r, struct run_options *o, int argc, char *argv[], int *n)
{
	struct option_table tables[N_PROBES + 4] = { { recording_rows, &r->options } };
	size_t used = 1 + probes_options(&r->probes, false, tables + 1);
	tables[used++] = (struct option_table){ recording_table, &r->options };
	tables[used++] = (struct option_table){ options_table, o };
	probes_options(&r->probes, true, tables + used);
	return command_parse_tables(&command_run, OPERANDS_LAST, argc, argv, tables, n);
}

static int check(const struct run_options *o, int n)
{
	if (o->python && o->no_python)
		return fault(STATUS_USAGE, "--python and --nopython exclude each other");
	if (n == 0)
		return fault(STATUS_USAGE,
			     "name the program to run: mprof-c run [OPTIONS] PROGRAM [ARGUMENTS]");
	if (o->attach && n > 1)
		return fault(STATUS_USAGE,
			     "with -a there is one process, by its number or its name");
	return -1;
}

static int run(int argc, char *argv[])
{
	struct recording recording;
	struct run_options options = { 0 };
	int n, status = recording_init(&recording, probe_table);
	if (status == -1)
		status = parse(&recording, &options, argc, argv, &n);
	if (status == -1)
		status = check(&options, n);
	if (status == -1)
		status = options.attach ? attach_to(&recording, argv[1])
					: record(&recording, &options, argv + 1, (size_t)n);
	recording_close(&recording);
	return signals_end(status);
}

const struct command command_run = {
	.name = "run",
	.usage = "[OPTIONS] PROGRAM [ARGUMENTS]",
	.summary = "record a program",
	.run = run,
	.options = options_table,
	.details = METRIC_LINES
	"\n\nEvery word after PROGRAM is the program's own. A script that ends in .py is "
	"executed as it is when\n"
	"it has a shebang and the x bit; else under $MPROF_PYTHON, "
	"$VIRTUAL_ENV/bin/python or python3.\n"
	"The exit status is the program's; 127: not found, 126: not executable, 2: "
	"usage, 1: our own fault.",
};
