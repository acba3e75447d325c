#include "plotter/exporting.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/drawing.h"
#include "share/commands/catalog.h"
#include "share/fault.h"

static int parse_format(const char *text, void *value)
{
	const struct backend *backend = backend_by_name(text);
	if (!backend || !backend->export)
		return -EINVAL;
	*(const char **)value = backend->name;
	return 0;
}

#define EXPORT_LISTED(name) ", " #name
#define AT(member)          offsetof(struct drawing_wish, member)

static const struct option_type type_format = { "FORMAT", &(EXPORTS(EXPORT_LISTED))[2],
						parse_format, EXPORT_NAMES };

static const struct command_option options_table[] = {
	{ 'f', "format", &type_format, AT(picture.backend),
	  &(EXPORTS(EXPORT_LISTED) "; else FILE's extension tells")[2] },
	{ 'o', "output", &option_file, AT(picture.output),
	  "write to FILE instead of standard output" },
	{ 'w', "window", &option_window, AT(window), "only the seconds from A to B" },
	{ 0 },
};

/* By the file's name. -1 to go on, else the exit status. */
static int choose_format(struct picture *wanted)
{
	const char *output = is_stdout(wanted->output) ? NULL : wanted->output;
	const struct backend *backend = output ? backend_by_extension(output) : NULL;
	if (backend && backend->export) {
		wanted->backend = backend->name;
		return -1;
	}
	char *list = backend_list_exports(".");
	const char *endings = list ? list : "another way";
	if (output)
		fault(STATUS_USAGE,
		      "cannot tell the format of '%s': end it in %s, or choose with --format",
		      output, endings);
	else
		fault(STATUS_USAGE, "say which format: --format, or -o FILE that ends in %s",
		      endings);
	free(list);
	return STATUS_USAGE;
}

static int run(int argc, char *argv[])
{
	struct drawing_wish wish = { .picture = { .theme = "light", .dpi = 96 } };
	int n = 0;
	int status = command_parse(&command_export_here, OPERANDS_ANYWHERE, argc, argv, &wish, &n);
	if (status == -1 && !wish.picture.backend)
		status = choose_format(&wish.picture);
	if (status != -1)
		return status;
	if (!wish.picture.output)
		wish.picture.output = "-";
	struct selection selection;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = drawing_make(&wish, selection.paths, selection.n);
	selection_free(&selection);
	return status;
}

const struct command command_export_here = {
	.name = "export",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "write recordings in the formats of other programs",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
