#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "share/command.h"
#include "share/fault.h"
#include "share/nearest.h"
#include "share/version.h"

static const struct command *find(const char *name)
{
	for (const struct command *const *c = this_program.commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
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

static int unknown_command(const char *name)
{
	const char *names[32];
	size_t n = 0;
	for (const struct command *const *c = this_program.commands; *c; c++)
		names[n++] = (*c)->name;
	names[n] = NULL;
	const char *near = nearest(name, names);
	if (near)
		return fault(STATUS_USAGE, "there is no command '%s'; did you mean %s?", name,
			     near);
	return fault(STATUS_USAGE, "there is no command '%s'; see %s --help", name,
		     this_program.name);
}

/* Every command name, one a line, for the completion scripts. */
static int print_commands(void)
{
	for (const struct command *const *c = this_program.commands; *c; c++)
		printf("%s\t%s\n", (*c)->name, (*c)->summary);
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
	if (argc < 2) {
		fault(STATUS_USAGE, "no command given; see %s --help", this_program.name);
		return STATUS_USAGE;
	}
	const char *word = argv[1];
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		const struct command *about = argc > 2 ? find(argv[2]) : NULL;
		if (!about)
			return argc > 2 ? unknown_command(argv[2]) : print_overview();
		char help[] = "--help", *words[] = { argv[2], help, NULL };
		return about->run(2, words);
	}
	if (strcmp(word, "--version") == 0) {
		printf("mprof-c %s\n", MPROF_VERSION);
		return command_end(STATUS_OK);
	}
	if (strcmp(word, "--commands") == 0)
		return print_commands();
	const struct command *command = find(word);
	return command ? command->run(argc - 1, argv + 1) : unknown_command(word);
}

int main(int argc, char *argv[])
{
	fill_standard_descriptors();
	if (this_program.start)
		this_program.start();
	return program_main(argc, argv);
}
