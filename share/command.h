/* argv → command → exit status. A command is one const object at the foot of its own file; its
 * option table drives parsing, --help, the completions and the “did you mean”. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What an option's argument may be. `parse` stores through `value` and returns 0, or -EINVAL /
 * -ERANGE, upon which the user reads "OPTION takes EXPECTS, not 'TEXT'", or -EDOM: a size
 * without a unit, upon which the likely one is named. */
struct option_type {
	const char *placeholder; /* in --help: SECONDS */
	const char *expects;     /* "seconds from 0.0001 to 86400" */
	int (*parse)(const char *text, void *value);
	/* For the completions: the words it may be, blanks between them, or commas where it may be
	 * several with commas; NULL: anything. */
	const char *choices;
	/* What it is where the option stands alone; one that is given follows a = then: --heap=1M.
	 * NULL: it must be given. */
	const char *otherwise;
};

/* Any text, kept as given in a const char *; the parser serves types with a placeholder of their
 * own. */
extern const struct option_type option_text;
int option_parse_text(const char *text, void *value);

/* The path of a file, not empty; for the completions. */
extern const struct option_type option_file;

/* Bytes, above 0, into an uint64_t. */
extern const struct option_type option_size;

/* One of `words`, which NULL ends: its place among them. -EINVAL. */
int option_parse_word(const char *text, const char *const words[]);

/* One option. No type: a switch, a bool set to true (to false when `off` is set). */
struct command_option {
	char letter;      /* 0: none */
	const char *name; /* long name without dashes, NULL: none */
	const struct option_type *type;
	size_t offset; /* of the value inside the command's options struct */
	const char *help;
	bool off;    /* a switch that sets false */
	bool hidden; /* accepted for mprof's sake, not shown in --help */
	bool last;   /* ends the options, as the first operand does with OPERANDS_LAST */
};

/* Options, and the struct that their offsets are in: a command's own, or those of one of its parts.
 */
struct option_table {
	const struct command_option *options; /* ends with {0}; NULL: the last table was before */
	void *values;
};

struct command {
	/* The completions know the operands by their words in `usage`: PROFILE and INDEX, PID,
	 * PROGRAM and SCRIPT. */
	const char *name, *usage, *summary;
	/* argv[0] is the command's name; returns the exit status. */
	int (*run)(int argc, char *argv[]);
	/* Ends with {0}; NULL: handed over, another program knows them. */
	const struct command_option *options;
	const char *details; /* a paragraph under the options in --help, or NULL */
};

/* The program's name and commands; each program has one, in its program.c. */
struct program {
	const char *name, *summary;
	const struct command *const *commands; /* ends with NULL */
	void (*start)(void);                   /* before anything else; NULL: nothing to do */
};
extern const struct program this_program;

enum operand_style {
	OPERANDS_ANYWHERE, /* options and operands in any order; -1, -2 … are operands (indices) */
	OPERANDS_LAST,     /* the first operand ends the options: what follows is a program's own */
};

/* Parses argv[1…] into `options` by the command's table and moves the operands to
 * argv[1…*operands], in order. Returns -1 to go on; otherwise the exit status to end with: --help,
 * --version and the completions' --options were served (0), or a fault has been said (2). */
int command_parse(const struct command *command, enum operand_style style, int argc, char *argv[],
		  void *options, int *operands);

/* The same for a command that consists of parts, each with options of its own. */
int command_parse_tables(const struct command *command, enum operand_style style, int argc,
			 char *argv[], const struct option_table *tables, int *operands);

/* A command's last word: what it printed must have reached standard output. Returns `status`, or
 * the fault's own when it did not and status was 0. */
int command_end(int status);

/* The name of the command under way and all behind it, as they were typed: command_parse moves
 * those in argv. Ends with NULL. */
extern char **command_words;

/* Finds argv[1] among the program's commands and runs it. */
int program_main(int argc, char *argv[]);
