#include "recorder/tree/title.h"

#include <stdio.h>
#include <string.h>

#include "share/text.h"

enum { COMM_FULL = 15 }; /* the kernel cuts comm there: TASK_COMM_LEN */

/* `module`: the option behind which the name of a module follows. `valued`: the letters of options
 * whose value is the next word; behind those of `code` there is no script. */
static const struct interpreter {
	const char *name, *module, *valued, *code;
} interpreters[] = {
	{ "python", "-m", "WX", "c" }, { "pypy", "-m", "WX", "c" }, { "perl", NULL, "I", "eE" },
	{ "ruby", NULL, "Ir", "e" },   { "node", NULL, "r", "ep" }, { "sh", NULL, "oO", "c" },
	{ "bash", NULL, "oO", "c" },   { "dash", NULL, "oO", "c" }, { "zsh", NULL, "o", "c" },
	{ "Rscript", NULL, "", "e" },
};

/* A version may follow: python3.12, pypy3. */
static const struct interpreter *find_interpreter(const char *comm)
{
	for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters; i++) {
		size_t n = strlen(interpreters[i].name);
		if (strncmp(comm, interpreters[i].name, n) == 0 &&
		    comm[n + strspn(comm + n, "0123456789.-dt")] == '\0')
			return &interpreters[i];
	}
	return NULL;
}

bool title_asks_for_arguments(const char *comm)
{
	return strlen(comm) == COMM_FULL || find_interpreter(comm);
}

/* The next argument from *at, or NULL. What has no NUL at its end is cut, and still one. */
static const char *next_argument(const char **at, const char *end)
{
	const char *argument = *at;
	if (argument >= end)
		return NULL;
	*at += strlen(argument) + 1;
	return argument;
}

static bool is_multiprocessing(const char *at, const char *end)
{
	for (const char *argument; (argument = next_argument(&at, end));)
		if (strcmp(argument, "--multiprocessing-fork") == 0)
			return true;
	return false;
}

/* What it runs, its options left out; NULL when that has no name. */
static const char *find_script(const struct interpreter *interpreter, const char *at,
			       const char *end)
{
	next_argument(&at, end); /* the interpreter itself */
	for (const char *argument; (argument = next_argument(&at, end));) {
		if (argument[0] != '-' && argument[0] != '+')
			return *argument ? text_base_name(argument) : NULL;
		size_t n = strlen(argument);
		char last = argument[n - 1];
		if (interpreter->module && strcmp(argument, interpreter->module) == 0)
			return next_argument(&at, end);
		if (argument[1] == '-' || n < 2)
			continue;
		if (strchr(interpreter->code, last))
			return is_multiprocessing(at, end) ? "multiprocessing" : NULL;
		if (n == 2 && strchr(interpreter->valued, last))
			next_argument(&at, end);
	}
	return NULL;
}

void title_make(char *title, size_t size, const char *comm, const char *arguments, size_t n)
{
	char words[1024];
	const struct interpreter *interpreter = find_interpreter(comm);
	n = n < sizeof words - 1 ? n : sizeof words - 1;
	memcpy(words, arguments, n);
	words[n] = '\0';
	const char *whole = text_base_name(words);
	const char *script = interpreter ? find_script(interpreter, words, words + n) : NULL;
	if (script && *script)
		snprintf(title, size, "%s %s", comm, script);
	else if (n > 0 && strlen(comm) == COMM_FULL && strncmp(whole, comm, COMM_FULL) == 0)
		snprintf(title, size, "%s", whole);
	else
		snprintf(title, size, "%s", comm);
}
