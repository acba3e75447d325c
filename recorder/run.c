#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/attach.h"
#include "recorder/interpreter.h"
#include "recorder/python/executable.h"
#include "recorder/record.h"
#include "share/fault.h"

extern const struct command command_run;

static const struct command_option options_table[] = {
	RECORD_ROWS,
	{ 't', "timeout", &record_timeout, RECORD_AT(timeout),
	  "stop recording after so many seconds; the program runs on" },
	{ 'a', "attach", NULL, RECORD_AT(attach),
	  "record the running process PROGRAM: a number or a name" },
	{ 'E', "exit-code", NULL, RECORD_AT(exit_code),
	  "leave with the program's status, as is always done" },
	{ 0, "python", NULL, RECORD_AT(python),
	  "run PROGRAM under Python, and record calls of @profile" },
	{ 0, "nopython", NULL, RECORD_AT(no_python),
	  "execute PROGRAM itself, even when it ends in .py" },
	{ 0, "func", &inject_pattern, RECORD_AT(agent.functions),
	  "record each call of the Python functions of this name" },
	{ 0, "line", &inject_pattern, RECORD_AT(agent.listed),
	  "count what each line of the Python functions of this name does" },
	{ 0, "every-line", NULL, RECORD_AT(agent.every_line),
	  "measure at every line, however short" },
	{ 0, "break-at", &inject_size, RECORD_AT(agent.break_at),
	  "stop in pdb at the line of such a function that reaches this size" },
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
	size_t n = strlen(program);
	if (interpreter || strchr(program, '/') || n < 3 || strcmp(program + n - 3, ".py") != 0 ||
	    access(program, X_OK) != 0)
		return interpreter ? interpreter : program;
	*made = malloc(n + 3);
	return *made ? strcat(strcpy(*made, "./"), program) : program;
}

static bool is_script(const char *word)
{
	size_t n = strlen(word);
	return n > 3 && strcmp(word + n - 3, ".py") == 0;
}

/* Asked for, or needed by a script that marks its functions for a profiler. */
static bool looks_inside(const struct record_options *o, char *const program[], size_t n)
{
	if (o->python || o->agent.functions.n > 0 || o->agent.listed.n > 0 || o->agent.break_at > 0)
		return true;
	if (o->no_python)
		return false;
	for (size_t i = 0; i < n && i < 2; i++)
		if (is_script(program[i]))
			return executable_asks_for_profile(program[i]);
	return false;
}

static int record(struct record_options *options, char *const program[], size_t n)
{
	struct recording recording;
	enum interpreter_wish wish = options->python      ? INTERPRETER_ALWAYS
				     : options->no_python ? INTERPRETER_NEVER
							  : INTERPRETER_GUESS;
	const char *interpreter = interpreter_for(program[0], wish);
	char *made, **words = words_for(program, n, interpreter);
	const char *file = file_to_execute(program[0], interpreter, &made);
	options->agent.wanted =
		looks_inside(options, program, n) && inject_check(&options->agent, file);
	int status = words ? record_open(&recording, options, getpid())
			   : fault(STATUS_FAULT, "out of memory");
	if (status == -1)
		status = record_start(&recording, file, words);
	if (status == -1)
		status = record_target(&recording, words);
	free(words);
	free(made);
	return status;
}

static int run(int argc, char *argv[])
{
	struct record_options options = RECORD_DEFAULTS;
	int n, status = command_parse(&command_run, OPERANDS_LAST, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (options.python && options.no_python)
		return fault(STATUS_USAGE, "--python and --nopython exclude each other");
	if (n == 0)
		return fault(STATUS_USAGE,
			     "name the program to run: mprof-c run [OPTIONS] PROGRAM [ARGUMENTS]");
	if (options.attach && n > 1)
		return fault(STATUS_USAGE,
			     "with -a there is one process, by its number or its name");
	return options.attach ? attach_to(&options, argv[1])
			      : record(&options, argv + 1, (size_t)n);
}

const struct command command_run = {
	.name = "run",
	.usage = "[OPTIONS] PROGRAM [ARGUMENTS]",
	.summary = "record a program",
	.run = run,
	.options = options_table,
	.details = "Every word after PROGRAM is the program's own. A script that ends in .py is "
		   "executed as it is when\n"
		   "it has a shebang and the x bit; else under $MPROF_PYTHON, "
		   "$VIRTUAL_ENV/bin/python or python3.\n"
		   "The exit status is the program's; 127: not found, 126: not executable, 2: "
		   "usage, 1: our own fault.",
};
