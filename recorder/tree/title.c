#include "recorder/tree/title.h"

#include <stdio.h>
#include <string.h>

#include "share/text.h"

enum { COMM_FULL = 15 }; /* the kernel cuts comm there: TASK_COMM_LEN */

/* Letters of options: `code`: behind it there is no script; `module`: a module's name follows;
 * `valued`: their value is what follows, in the same word or the next. `words`: long options whose
 * value is the next word. */
static const struct interpreter {
	const char *name, *code, *module, *valued, *words;
} interpreters[] = {
	{ "python", "c", "m", "WX", " --check-hash-based-pycs " },
	{ "pypy", "c", "m", "WX", "" },
	{ "perl", "eE", "", "IFMm", "" },
	{ "ruby", "e", "", "ICEr", "" },
	{ "node", "ep", "", "rC", " --require --import --loader --conditions " },
	{ "php", "r", "", "cdz", "" },
	{ "lua", "", "", "el", "" },
	{ "sh", "cs", "", "oO", "" },
	{ "bash", "cs", "", "oO", " --rcfile --init-file " },
	{ "dash", "cs", "", "oO", "" },
	{ "zsh", "cs", "", "o", "" },
	{ "ksh", "cs", "", "o", "" },
	{ "Rscript", "e", "", "", "" },
	{ "java", "", "", "", " -cp -classpath --class-path -p --module-path --add-modules " },
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

enum option { OPTION_ALONE, OPTION_VALUED, OPTION_MODULE, OPTION_CODE };

/* Of letters that may stand together. What is behind one that takes a value is the value. */
static enum option kind_of_letters(const struct interpreter *i, const char *letters,
				   const char **value)
{
	for (const char *at = letters; *at; at++) {
		*value = at[1] ? at + 1 : NULL;
		if (strchr(i->code, *at))
			return OPTION_CODE;
		if (strchr(i->module, *at))
			return OPTION_MODULE;
		if (strchr(i->valued, *at))
			return OPTION_VALUED;
	}
	return OPTION_ALONE;
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += n)
		if (at > words && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

static enum option kind_of(const struct interpreter *i, const char *option, const char **value)
{
	*value = NULL;
	if (has_word(i->words, option))
		return OPTION_VALUED;
	if (option[1] == '-' || strcmp(i->name, "java") == 0)
		return OPTION_ALONE;
	return kind_of_letters(i, option + 1, value);
}

/* What it runs, its options left out; NULL when that has no name. */
static const char *find_script(const struct interpreter *interpreter, const char *at,
			       const char *end)
{
	const char *value;
	next_argument(&at, end); /* the interpreter itself */
	for (const char *argument; (argument = next_argument(&at, end));) {
		if (strcmp(argument, "--") == 0)
			return next_argument(&at, end);
		if (argument[0] != '-' && argument[0] != '+')
			return *argument ? argument : NULL;
		if (argument[1] == '\0')
			return NULL;
		switch (kind_of(interpreter, argument, &value)) {
		case OPTION_ALONE: break;
		case OPTION_CODE: return is_multiprocessing(at, end) ? "multiprocessing" : NULL;
		case OPTION_MODULE: return value ? value : next_argument(&at, end);
		case OPTION_VALUED:
			if (!value)
				next_argument(&at, end);
		}
	}
	return NULL;
}

const char *title_script(const char *program, const char *arguments, size_t n)
{
	const struct interpreter *interpreter = find_interpreter(program);
	return interpreter ? find_script(interpreter, arguments, arguments + n) : NULL;
}

void title_make(char *title, size_t size, const char *comm, const char *arguments, size_t n)
{
	char words[1024];
	n = n < sizeof words - 1 ? n : sizeof words - 1;
	memcpy(words, arguments, n);
	words[n] = '\0';
	const char *whole = text_base_name(words);
	const char *script = title_script(comm, words, n);
	if (script && *script)
		snprintf(title, size, "%s %s", comm, text_base_name(script));
	else if (n > 0 && strlen(comm) == COMM_FULL && strncmp(whole, comm, COMM_FULL) == 0)
		snprintf(title, size, "%s", whole);
	else
		snprintf(title, size, "%s", comm);
}
