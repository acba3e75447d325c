#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/command.h"
#include "share/fault.h"
#include "share/large.h"
#include "share/nearest.h"
#include "share/version.h"

static const struct command *find(const char *name)
{
	for (const struct command *const *c = this_program.commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

char **command_words;

static int start(const struct command *command, int argc, char *argv[])
{
	command_words = calloc((size_t)argc + 1, sizeof *command_words);
	if (!command_words)
		return fault(STATUS_FAULT, "out of memory");
	memcpy(command_words, argv, (size_t)argc * sizeof *argv);
	int status = command->run(argc, argv);
	free(command_words);
	return status;
}

static int print_overview(void)
{
	printf("usage: %s COMMAND [OPTIONS] …\n\n%s\n\n", this_program.name, this_program.summary);
	for (const struct command *const *c = this_program.commands; *c; c++)
		printf("  %-8s %s\n", (*c)->name, (*c)->summary);
	printf("\n%s COMMAND --help tells more of one command; the manual is man mprof-c.\n",
	       this_program.name);
	return command_end(STATUS_OK);
}

static int no_command(void)
{
	char names[256] = "";
	size_t n = 0;
	for (const struct command *const *c = this_program.commands; *c && n < sizeof names; c++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "",
				      (*c)->name);
	return fault(STATUS_USAGE, "no command given; there are %s: see %s --help", names,
		     this_program.name);
}

static int unknown_command(const char *name)
{
	size_t n = 0;
	while (this_program.commands[n])
		n++;
	const char **names = calloc(n + 1, sizeof *names);
	for (size_t i = 0; names && i < n; i++)
		names[i] = this_program.commands[i]->name;
	const char *near = names ? nearest(name, names) : NULL;
	free(names);
	if (near)
		return fault(STATUS_USAGE, "there is no command '%s'; did you mean %s?", name,
			     near);
	return fault(STATUS_USAGE, "there is no command '%s'; see %s --help", name,
		     this_program.name);
}

/* Every command, one a line, for the completion scripts: its name, what it does, and its usage,
 * which tells what its operands are. */
static int print_commands(void)
{
	for (const struct command *const *c = this_program.commands; *c; c++)
		printf("%s\t%s\t%s\n", (*c)->name, (*c)->summary, (*c)->usage);
	return command_end(STATUS_OK);
}

/* A file opened where standard input, output or error should be would take what is written there.
 * The fillers close at exec, so that a recorded program still finds closed what its starter closed.
 */
static void fill_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int program_main(int argc, char *argv[])
{
	if (argc < 2)
		return no_command();
	const char *word = argv[1];
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		const struct command *about = argc > 2 ? find(argv[2]) : NULL;
		if (!about)
			return argc > 2 ? unknown_command(argv[2]) : print_overview();
		char help[] = "--help", *words[] = { argv[2], help, NULL };
		return start(about, 2, words);
	}
	if (strcmp(word, "--version") == 0) {
		printf("mprof-c %s\n", MPROF_VERSION);
		return command_end(STATUS_OK);
	}
	if (strcmp(word, "--commands") == 0)
		return print_commands();
	const struct command *command = find(word);
	return command ? start(command, argc - 1, argv + 1) : unknown_command(word);
}

int main(int argc, char *argv[])
{
	large_ignore();
	fill_standard_descriptors();
	if (this_program.start)
		this_program.start();
	return program_main(argc, argv);
}
