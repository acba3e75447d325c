#include "share/commands/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/line_report.h"
#include "share/commands/place.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/outlook.h"
#include "share/number.h"
#include "share/output.h"
#include "share/profile/peek.h"
#include "share/profile/profile.h"
#include "share/snapshot/print.h"

/* ---- options ---- */

static const char *const ways[] = { "line", "function", "file", "module",
				    "thread" }; /* growth_by */

static int parse_by(const char *text, void *value)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(text, ways[i]) == 0) {
			*(enum growth_by *)value = (enum growth_by)i;
			return 0;
		}
	return -EINVAL;
}

static int parse_top(const char *text, void *value)
{
	long n;
	int r = number_whole(text, &n);
	if (r == 0 && (n < 1 || n > 1000000))
		r = -ERANGE;
	if (r == 0)
		*(size_t *)value = (size_t)n;
	return r;
}

static const struct option_type type_by = { "WHAT", "line, function, file, module or thread",
					    parse_by, "line function file module thread" };
static const struct option_type type_top = { "N", "a number of rows from 1 to 1000000", parse_top };

static const struct command_option options_table[] = {
	{ 'o', "output", &option_file, offsetof(struct report_options, output),
	  "write it to this file" },
	{ 0, "by", &type_by, offsetof(struct report_options, by),
	  "add up by line (default), function, file, module or thread" },
	{ 0, "top", &type_top, offsetof(struct report_options, top), "rows of each table (10)" },
	{ 0, "own", &option_own, offsetof(struct report_options, own), OWN_HELP },
	{ 0, "json", NULL, offsetof(struct report_options, json), "everything, as JSON" },
	{ 0, "ranks", NULL, offsetof(struct report_options, ranks),
	  "the ranks of a job beside each other: peaks, ends, nodes, lines" },
	{ 0, "heap", NULL, offsetof(struct report_options, heap),
	  "who holds the heap, and what was given back; recorded with run --heap" },
	{ 0, "folded", NULL, offsetof(struct report_options, folded),
	  "stacks with the KiB they grew, or hold, for flame-graph tools" },
	{ 0 },
};

/* ---- all of it ---- */

/* Why no line of a Python could be told; NULL: that was not it. */
static const char *why_refused(const struct profile *p, char text[128])
{
	const char *refused = report_refused(p), *where = profile_setting(p, "where");
	const char *version = refused ? refused : profile_setting(p, "python");
	if (refused && strcmp(refused, "permission") == 0)
		return "the memory of the program could not be read from outside";
	if (refused && strcmp(refused, "unknown") == 0)
		return "its Python does not tell its version, so it cannot be looked into";
	bool locked = !where || strcmp(where, "free-threaded") != 0;
	if (!refused && (locked || !version))
		return NULL;
	snprintf(text, 128, "Python %.32s %s", version,
		 locked ? "cannot be looked into; the versions that can are 3.9 to 3.15"
			: "without a global lock cannot be looked into");
	return text;
}

/* Why there is nothing, as far as the recorder told. */
static int say_none(const struct profile *p)
{
	char text[128];
	if (p->n_ranks > 0)
		return fault(STATUS_FAULT,
			     "%s holds %zu recordings; they are told beside each other by: mprof-c "
			     "report --ranks",
			     p->path, p->n_ranks);
	if (p->heap.records > 0)
		return fault(STATUS_FAULT,
			     "%s has no growth of Python lines, but a sampled heap; that is told "
			     "by: mprof-c report --heap",
			     p->path);
	const char *why = why_refused(p, text), *where = profile_setting(p, "where");
	if (why)
		return fault(STATUS_FAULT, "%s has no growth of Python lines: %s", p->path, why);
	if (where && (profile_setting(p, "python") || strcmp(where, "faults") == 0))
		return fault(STATUS_FAULT, "%s has no growth of Python lines: no change was seen",
			     p->path);
	const char *tree = profile_setting(p, "tree");
	bool alone = tree && strcmp(tree, "0") == 0 && !profile_setting(p, "library");
	return fault(
		STATUS_FAULT,
		"%s has no growth of Python lines: no Python was recorded, or with --where=off%s",
		p->path,
		alone ? "; what the program started is looked into with: mprof-c run -C" : "");
}

/* Why there is no heap to tell of. */
static int say_no_heap(const struct profile *p)
{
	char reason[HEAP_UNSEEN];
	if (p->memory.samples == 0)
		return recording_say_empty(p);
	if (heap_is_unseen(p))
		return fault(STATUS_FAULT, "%s has no sampled heap: %s", p->path,
			     heap_say_unseen(reason, p));
	return fault(STATUS_FAULT,
		     "%s has no sampled heap: that is recorded with: mprof-c run --heap", p->path);
}

/* Is a line known that took memory of a GPU? */
static bool has_vram(const struct profile *p)
{
	for (size_t i = 0; i < p->vram.n_taken; i++)
		if (p->vram.taken[i].frame > 0)
			return true;
	return false;
}

/* Of GPUs alone. */
static int print_cards(const struct report *report, const struct report_options *o)
{
	int r = report_print_card(report);
	return r < 0 ? r : report_print_vram(report, o);
}

static int print_text(const struct report *report, const struct report_options *o)
{
	const struct profile *p = report->profile;
	int r = p->growth.n_steps ? report_print_text(report, o) : print_cards(report, o);
	if (r == 0 && p->growth.n_steps && p->n_listings)
		putchar('\n');
	return r == 0 && p->n_listings ? line_report_text(p, LINE_REPORT_PRECISION, stdout) : r;
}

static int print_report(const struct profile *p, const struct report_options *o)
{
	struct report report;
	if (o->heap && p->heap.records == 0)
		return say_no_heap(p);
	bool others = !o->folded && (p->n_listings > 0 || p->n_ooms > 0 || has_vram(p));
	if (!o->heap && p->growth.n_steps == 0 && !others)
		return p->memory.samples || p->n_listings ? say_none(p) : recording_say_empty(p);
	int r = report_open(&report, p, o->own.globs);
	if (r == 0)
		r = o->folded            ? report_print_folded(&report, o)
		    : o->heap && o->json ? report_print_heap_json(&report, o)
		    : o->heap            ? report_print_heap(&report, o)
		    : o->json            ? report_print_json(&report, o)
					 : print_text(&report, o);
	report_close(&report);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

/* A recording, or a snapshot, and what prints it: an exit status. */
struct subject {
	const char *path;
	const struct report_options *options;
	const struct profile *profile;
	struct snapshot *snapshot; /* NULL: it is a recording */
};

static int print_subject(const struct subject *s)
{
	const struct report_options *o = s->options;
	if (!s->snapshot)
		return print_report(s->profile, o);
	const struct snapshot_wish wish = { (enum rows_by)o->by, o->top };
	int r = o->json ? snapshot_print_json(s->snapshot, s->path, &wish)
			: snapshot_print_text(s->snapshot, s->path, &wish);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

/* Whatever is printed goes to the file, which is put in its place once it is whole. */
static int print_into(struct output *output, const struct subject *subject)
{
	const char *path = subject->options->output;
	int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	bool whole = fflush(stdout) == 0 && dup2(fileno(output->stream), STDOUT_FILENO) >= 0;
	int status = whole ? print_subject(subject) : STATUS_FAULT;
	errno = 0;
	whole = whole && fflush(stdout) == 0 && !ferror(stdout);
	int r = whole ? 0 : errno ? -errno : -EIO;
	clearerr(stdout);
	if (kept >= 0)
		dup2(kept, STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
	if (kept >= 0)
		close(kept);
	if (status == STATUS_OK && r == 0)
		r = output_commit(output);
	output_abandon(output);
	return r < 0 ? place_say(path, REPLACE_REPORT, r) : status;
}

/* The place is looked at first, and what is read is nothing that is replaced. */
static int print(const struct subject *subject)
{
	const char *const words[] = { subject->path, NULL };
	const char *path = subject->options->output;
	struct output output;
	if (!path)
		return print_subject(subject);
	int status = place_check(path, REPLACE_REPORT, words);
	if (status != -1)
		return status;
	int r = output_open(&output, path, REPLACE_REPORT);
	return r < 0 ? place_say(path, REPLACE_REPORT, r) : print_into(&output, subject);
}

/* What a snapshot cannot be asked; -1: it can. */
static int refuse_options(const struct report_options *o)
{
	if (o->heap)
		return fault(STATUS_USAGE, "--heap is of a recording; a snapshot of torch tells of "
					   "the memory of GPUs");
	if (o->folded)
		return fault(STATUS_USAGE, "--folded is of a recording; a snapshot of torch is "
					   "told by line, function or file");
	if (o->by > GROWTH_BY_FILE)
		return fault(STATUS_USAGE, "a snapshot of torch is told by line, function or file");
	return -1;
}

static int of_snapshot(struct profile_input *input, const char *path,
		       const struct report_options *options)
{
	int status = refuse_options(options);
	if (status != -1)
		return status;
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);
	if (!snapshot)
		return fault(STATUS_FAULT, "out of memory");
	int r = snapshot_read(snapshot, input, options->own.globs);
	status = r < 0 ? snapshot_say(snapshot, path, r)
		       : print(&(struct subject){ path, options, NULL, snapshot });
	snapshot_free(snapshot);
	free(snapshot);
	return status;
}

/* What profile_load does, of what is open already. */
static int load(struct profile *profile, struct profile_input *input, const char *path)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	struct profile_loader *loader;
	int r = profile_loader_open(&loader, path, &wish);
	if (r < 0)
		return r;
	r = profile_loader_read(loader, input);
	if (r < 0)
		profile_loader_free(loader);
	r = r < 0 ? r : profile_loader_finish(loader, profile);
	if (r == 0) {
		profile->owner = input->owner;
		profile->owned = input->owned;
	}
	return r;
}

static int of_recording(struct profile_input *input, const char *path,
			const struct report_options *options)
{
	struct profile profile;
	int r = load(&profile, input, path);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	recording_warn(&profile);
	int status = print(&(struct subject){ path, options, &profile, NULL });
	profile_free(&profile);
	return status;
}

static int say_old_pickle(const char *path)
{
	return fault(STATUS_FAULT,
		     "%s is a pickle of protocol 0 or 1, which is not read: pickle.dump() writes "
		     "protocol 2 or later unless told otherwise",
		     path);
}

/* Its first bytes tell what it is, not its name. */
static int report_of(const char *path, const struct report_options *options)
{
	struct profile_input file, input;
	struct peeked peeked;
	int r = profile_open(&file, path);
	if (r == 0) {
		r = peek_open(&peeked, &file, &input);
		if (r < 0)
			profile_close(&file);
	}
	if (r == -EISDIR)
		return fault(
			STATUS_FAULT,
			"%s is a folder; its recordings are told beside each other by: mprof-c "
			"report --ranks",
			path);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	bool whole = peeked.n == sizeof peeked.head;
	int status = whole && pickle_begins(peeked.head)   ? of_snapshot(&input, path, options)
		     : whole && pickle_is_old(peeked.head) ? say_old_pickle(path)
							   : of_recording(&input, path, options);
	profile_close(&input);
	return status;
}

/* What does not go together; -1: all of it does. */
static int refuse(const struct report_options *o, int n)
{
	if (n > 1 && !o->ranks)
		return fault(STATUS_USAGE, "report takes one recording; several with --ranks");
	if (o->json && o->folded)
		return fault(STATUS_USAGE, "--json and --folded exclude each other");
	if (o->folded && o->output)
		return fault(STATUS_USAGE, "--folded goes to standard output: send it on with >");
	if (o->folded && o->by == GROWTH_BY_THREAD)
		return fault(STATUS_USAGE,
			     "--folded cannot be by thread: stacks are added up over all threads");
	if (o->heap && o->by == GROWTH_BY_THREAD)
		return fault(STATUS_USAGE, "--heap cannot be by thread: what one allocates, "
					   "another may hold");
	if (o->ranks && (o->heap || o->folded))
		return fault(STATUS_USAGE, "--ranks and %s exclude each other",
			     o->heap ? "--heap" : "--folded");
	if (o->ranks && o->output)
		return fault(STATUS_USAGE, "--ranks goes to standard output: send it on with >");
	return -1;
}

static int report_one(const struct selection *s, const struct report_options *o)
{
	if (s->n > 1)
		return fault(STATUS_USAGE, "report takes one recording");
	int status = handover_compressed(s->paths, s->n);
	return status == -1 ? command_end(report_of(s->paths[0], o)) : status;
}

static int run(int argc, char *argv[])
{
	struct report_options options = { .top = REPORT_TOP };
	struct selection selection;
	int n = 0;
	int status = command_parse(&command_report, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (options.output && strcmp(options.output, "-") == 0)
		options.output = NULL;
	if (status == -1)
		status = refuse(&options, n);
	if (status != -1)
		return status;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1 && options.ranks)
		status = report_ranks(selection.paths, selection.n, &options);
	else if (status == -1)
		status = report_one(&selection, &options);
	selection_free(&selection);
	return status;
}

const struct command command_report = {
	.name = "report",
	.usage = "[OPTIONS] [PROFILE | SNAPSHOT | FOLDER …]",
	.summary = "tell which Python lines grew the memory",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default; or a memory snapshot of torch, a .pickle.\n"
		   "--ranks takes FOLDERs, recordings, or what mprof-c merge wrote.",
};
