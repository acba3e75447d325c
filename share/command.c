#include "share/command.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/fault.h"
#include "share/nearest.h"
#include "share/number.h"
#include "share/version.h"

enum { MAX_OPTIONS = 48, CODE_BASE = 256 };

static const struct command_option common[] = {
	{ 'h', "help", .help = "show this help and leave" },
	{ 0, "version", .help = "show the version and leave" },
	{ 0, "options", .help = "list the options for completions", .hidden = true },
	{ 0 },
};

int option_parse_text(const char *text, void *value)
{
	*(const char **)value = text;
	return 0;
}

const struct option_type option_text = { "TEXT", "a text", option_parse_text, NULL };

static int parse_file(const char *text, void *value)
{
	return *text ? option_parse_text(text, value) : -EINVAL;
}

const struct option_type option_file = { "FILE", "the name of a file", parse_file };

static int parse_size(const char *text, void *value)
{
	uint64_t bytes;
	int r = number_size(text, &bytes);
	if (r == 0 && bytes == 0)
		return -ERANGE;
	if (r == 0)
		*(uint64_t *)value = bytes;
	return r;
}

const struct option_type option_size = { "SIZE", "a size like 512M or 2G", parse_size };

int option_parse_word(const char *text, const char *const words[])
{
	for (int i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return -EINVAL;
}

/* What is parsed: a command, with all the options that it has here. */
struct parser {
	const struct command *command;
	const struct option_table *tables;
};

static bool ends(const struct command_option *option)
{
	return !option->letter && !option->name;
}

/* The option by its place: first the command's, table by table, then those that every command has.
 * *values, unless NULL: what it writes to. */
static const struct command_option *option_at(const struct parser *parser, int place, void **values)
{
	const struct command_option *o;
	for (const struct option_table *table = parser->tables; table->options; table++)
		for (o = table->options; !ends(o); o++)
			if (place-- == 0) {
				if (values)
					*values = table->values;
				return o;
			}
	for (o = common; !ends(o); o++)
		if (place-- == 0)
			return o;
	return NULL;
}

static bool may_stand_alone(const struct command_option *o)
{
	return o->type && o->type->otherwise;
}

static void print_option(const struct command_option *o)
{
	char left[64];
	const char *name = o->name ? o->name : "";
	snprintf(left, sizeof left, "%c%c%s%s%s%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter && o->name ? ", " : "  ",
		 o->name ? "--" : "", name,
		 !o->type             ? ""
		 : may_stand_alone(o) ? "[="
				      : " ",
		 o->type ? o->type->placeholder : "", may_stand_alone(o) ? "]" : "");
	if (strlen(left) > 26)
		printf("  %s\n%29s%s\n", left, "", o->help);
	else
		printf("  %-26s %s\n", left, o->help);
}

static void print_help(const struct parser *parser)
{
	const struct command *command = parser->command;
	printf("usage: %s %s%s%s\n\n%s\n\n", this_program.name, command->name,
	       *command->usage ? " " : "", command->usage, command->summary);
	const struct command_option *o;
	for (int i = 0; (o = option_at(parser, i, NULL)); i++)
		if (!o->hidden)
			print_option(o);
	if (command->details)
		printf("\n%s\n", command->details);
	printf("\nThe manual: man mprof-c-%s\n", command->name);
}

/* One option a line, "-T --interval SECONDS<tab>help", for the completion scripts; a third field
 * holds the words that it may be, where they are few: with commas where a list of them is taken. */
static void print_options(const struct parser *parser)
{
	const struct command_option *o;
	for (int i = 0; (o = option_at(parser, i, NULL)); i++) {
		if (o->hidden)
			continue;
		if (o->letter)
			printf("-%c%s", o->letter, o->name ? " " : "");
		if (o->name)
			printf("--%s", o->name);
		bool follows = o->type && !may_stand_alone(o);
		printf("%s%s\t%s", follows ? " " : "", follows ? o->type->placeholder : "",
		       o->help);
		printf("%s%s\n", o->type && o->type->choices ? "\t" : "",
		       o->type && o->type->choices ? o->type->choices : "");
	}
}

static int serve_common(const struct parser *parser, const struct command_option *option)
{
	switch (option - common) {
	case 0: print_help(parser); break;
	case 1: printf("mprof-c %s\n", MPROF_VERSION); break;
	default: print_options(parser);
	}
	return command_end(STATUS_OK);
}

/* A size of no unit: the likely one is named, within the very words that were given. */
static int ask_for_unit(const char *option, const char *text)
{
	static const double PLAIN = 1e6; /* who counts so far counts bytes */
	const char *number = text + strcspn(text, "0123456789.+");
	int before = (int)(number - text), n = (int)strspn(number, "0123456789.eE+-");
	bool bytes = strtod(number, NULL) >= PLAIN;
	return fault(STATUS_USAGE, "%.*s what? %s %.*s%.*s%s%s is %s", n, number, option, before,
		     text, n, number, bytes ? "B" : "M", number + n, bytes ? "bytes" : "MiB");
}

static int set(const struct command_option *o, const char *text, void *values)
{
	char option[64];
	void *value = (char *)values + o->offset;
	if (!o->type) {
		*(bool *)value = !o->off;
		return -1;
	}
	text = text ? text : o->type->otherwise;
	int r = o->type->parse(text, value);
	if (r == 0)
		return -1;
	if (o->name)
		snprintf(option, sizeof option, "--%s", o->name);
	else
		snprintf(option, sizeof option, "-%c", o->letter);
	if (r == -EDOM)
		return ask_for_unit(option, text);
	return fault(STATUS_USAGE, "%s takes %s, not '%s'", option, o->type->expects, text);
}

static int unknown_option(const struct parser *parser, const char *word, int letter)
{
	const struct command *command = parser->command;
	const char *names[MAX_OPTIONS + 1];
	int n = 0;
	const struct command_option *o;
	for (int i = 0; (o = option_at(parser, i, NULL)); i++)
		if (o->name && !o->hidden)
			names[n++] = o->name;
	names[n] = NULL;
	if (letter)
		return fault(STATUS_USAGE, "%s has no option -%c; see %s %s --help", command->name,
			     letter, this_program.name, command->name);
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const char *near = nearest(name, names);
	if (near)
		return fault(STATUS_USAGE, "%s has no option --%s; did you mean --%s?",
			     command->name, name, near);
	return fault(STATUS_USAGE, "%s has no option --%s; see %s %s --help", command->name, name,
		     this_program.name, command->name);
}

/* "-1", or several in a row: "-3--1". */
static bool is_index(const char *word)
{
	if (word[0] != '-' || !isdigit((unsigned char)word[1]))
		return false;
	word += 1 + strspn(word + 1, "0123456789");
	if (*word != '-')
		return *word == '\0';
	word += word[1] == '-' ? 2 : 1;
	return isdigit((unsigned char)*word) && word[strspn(word, "0123456789")] == '\0';
}

/* getopt's own description of the table: letters, digits for the indices, and a code per long name.
 */
static void describe(const struct parser *parser, enum operand_style style, char *letters,
		     struct option *longs)
{
	const struct command_option *o;
	*letters++ = style == OPERANDS_LAST ? '+' : '-';
	*letters++ = ':';
	for (int i = 0; (o = option_at(parser, i, NULL)); i++) {
		assert(i < MAX_OPTIONS - 1);
		if (o->letter) {
			*letters++ = o->letter;
			if (o->type)
				*letters++ = ':';
		}
		if (o->name)
			*longs++ = (struct option){ o->name,
						    !o->type             ? no_argument
						    : may_stand_alone(o) ? optional_argument
									 : required_argument,
						    NULL, CODE_BASE + i };
	}
	if (style == OPERANDS_ANYWHERE)
		for (char digit = '0'; digit <= '9'; digit++)
			*letters++ = digit;
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static const struct command_option *option_by_code(const struct parser *parser, int code,
						   void **values)
{
	if (code >= CODE_BASE)
		return option_at(parser, code - CODE_BASE, values);
	const struct command_option *o;
	for (int i = 0; (o = option_at(parser, i, values)); i++)
		if (o->letter == code)
			return o;
	return NULL;
}

static int bad_option(const struct parser *parser, int code, const char *word)
{
	const struct command *command = parser->command;
	bool is_long = strncmp(word, "--", 2) == 0;
	if (code == ':' && is_long)
		return fault(STATUS_USAGE, "%s needs an argument; see %s %s --help", word,
			     this_program.name, command->name);
	if (code == ':')
		return fault(STATUS_USAGE, "-%c needs an argument; see %s %s --help", optopt,
			     this_program.name, command->name);
	if (is_long && optopt >= CODE_BASE)
		return fault(STATUS_USAGE, "--%s takes no argument",
			     option_at(parser, optopt - CODE_BASE, NULL)->name);
	return unknown_option(parser, word, is_long ? 0 : optopt);
}

int command_parse(const struct command *command, enum operand_style style, int argc, char *argv[],
		  void *options, int *operands)
{
	const struct option_table tables[] = { { command->options, options }, { 0 } };
	return command_parse_tables(command, style, argc, argv, tables, operands);
}

int command_parse_tables(const struct command *command, enum operand_style style, int argc,
			 char *argv[], const struct option_table *tables, int *operands)
{
	char letters[2 * MAX_OPTIONS + 16];
	struct option longs[MAX_OPTIONS];
	const struct parser parser = { command, tables };
	describe(&parser, style, letters, longs);
	opterr = 0;
	optind = 0; /* GNU: start over */
	int kept = 0;
	for (;;) {
		int at = optind ? optind : 1;
		int code = getopt_long(argc, argv, letters, longs, NULL);
		if (code == -1)
			break;
		if (code == 1) {
			argv[++kept] = optarg;
			continue;
		}
		if (style == OPERANDS_ANYWHERE && is_index(argv[at])) {
			if (optind > at) /* the last digit of the word */
				argv[++kept] = argv[at];
			continue;
		}
		if (isdigit(code))
			return unknown_option(&parser, argv[at], code);
		if (code == '?' || code == ':')
			return bad_option(&parser, code, argv[at]);
		void *values = NULL;
		const struct command_option *o = option_by_code(&parser, code, &values);
		if (o >= common && o < common + sizeof common / sizeof *common)
			return serve_common(&parser, o);
		int status = set(o, optarg, values);
		if (status != -1)
			return status;
		if (o->last)
			break;
	}
	for (int i = optind; i < argc; i++)
		argv[++kept] = argv[i];
	argv[kept + 1] = NULL;
	*operands = kept;
	return -1;
}

int command_end(int status)
{
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == STATUS_OK)
		return fault(STATUS_FAULT, "cannot write to standard output: %s", strerror(errno));
	return status;
}
