/* The one next command: the first row whose case it is. */
#include <stdlib.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/growth/heap.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

static bool is_odd(const struct why *why, const char *kind)
{
	for (size_t i = 0; i < why->n; i++)
		if (why->statements[i].topic == WHY_ODD &&
		    strcmp(why->statements[i].kind, kind) == 0)
			return true;
	return false;
}

static bool has_ended(const struct why *why, const char *kind)
{
	const struct why_statement *end = why_about(why, WHY_END);
	return end && strcmp(end->kind, kind) == 0;
}

static bool has_lines(const struct why *why)
{
	const struct why_statement *place = why_about(why, WHY_PLACE);
	return place && strcmp(place->kind, "untold") != 0;
}

static bool goes_on(const struct why *why)
{
	return has_ended(why, "running");
}

static bool leaves_out_children(const struct why *why)
{
	return is_odd(why, "waited") || is_odd(why, "together") || is_odd(why, "python");
}

static bool is_of_memory(const struct why *why)
{
	static const char *const kinds[] = { "oom", "oomd", "earlyoom", "limit" };
	bool is = false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		is |= has_ended(why, kinds[i]);
	return is && !has_lines(why);
}

static bool has_crashed(const struct why *why)
{
	return has_ended(why, "signal") && why_is_python(why->profile);
}

static bool is_unreadable(const struct why *why)
{
	const char *refused = report_refused(why->profile);
	return refused && strcmp(refused, "permission") == 0;
}

static bool shares(const struct why *why)
{
	return is_odd(why, "shared");
}

static bool has_place(const struct why *why, const char *kind)
{
	const struct why_statement *place = why_about(why, WHY_PLACE);
	return place && strcmp(place->kind, kind) == 0;
}

static bool is_of_card(const struct why *why)
{
	return has_ended(why, "card") || (has_ended(why, "exit") && why_about(why, WHY_CARD));
}

/* It held something of a card, and nobody was there who would have told of a failure. */
static bool is_unwatched(const struct why *why)
{
	const struct profile *p = why->profile;
	bool used = false;
	for (size_t i = 0; i < p->n_gpus; i++)
		used |= p->gpus[i].tree_peak.umib > 0;
	return used && has_ended(why, "exit") && p->n_ooms == 0 && why_is_python(p) &&
	       !profile_setting(p, "card_watched") && !profile_setting(p, "card_lacks");
}

static bool is_held(const struct why *why)
{
	return has_place(why, "held");
}

/* What grew is known, and who holds it is asked: it grows on, was killed for it, or most of it was
 * given back. */
static bool wants_heap(const struct why *why)
{
	struct heap_churn churn;
	return has_place(why, "grew") && why->profile->heap.records == 0 &&
	       !heap_is_unseen(why->profile) &&
	       (why->growth.grows || has_ended(why, "oom") || has_ended(why, "memoryerror") ||
		heap_churns(why->profile, &churn));
}

static bool is_of_ranks(const struct why *why)
{
	return why->profile->n_ranks > 0;
}

static bool is_plain(const struct why *why)
{
	(void)why;
	return true;
}

/* What the command is given, behind it. */
enum operand { NOTHING, PROGRAM, RECORDING };

static const struct {
	bool (*applies)(const struct why *why);
	const char *command;
	enum operand operand;
	const char *purpose;
} rows[] = {
	{ is_of_ranks, "mprof-c report --ranks", RECORDING,
	  "to see which rank, which node, which line" },
	{ goes_on, "mprof-c plot", RECORDING, "to see it so far" },
	{ leaves_out_children, "mprof-c run -C ", PROGRAM, "to count its children too" },
	{ is_of_card, "mprof-c plot", RECORDING, "to see how the card filled" },
	{ is_unwatched, "mprof-c run ", PROGRAM, "to be told whether its GPU had no memory left" },
	{ is_of_memory, "mprof-c run --at 90%:stop ", PROGRAM,
	  "to hold it before the kernel kills it, and look" },
	{ is_unreadable, "sysctl kernel.yama.ptrace_scope", NOTHING,
	  "to see whether that forbids looking into it" },
	{ has_crashed, "PYTHONFAULTHANDLER=1 ", PROGRAM, "to see its Python stack at the crash" },
	{ shares, "mprof-c run -C -b pss ", PROGRAM, "to count shared pages once" },
	{ is_held, "mprof-c report --heap", RECORDING, "to see all who held it" },
	{ wants_heap, "mprof-c run --heap ", PROGRAM, "to see who holds it" },
	{ has_lines, "mprof-c report", RECORDING, "to see all of the lines" },
	{ is_plain, "mprof-c plot", RECORDING, "to see it" },
};

void why_find_next(struct why *why)
{
	char program[WHY_WORD], recording[WHY_COMMAND - 64];
	const char *const operands[] = {
		[NOTHING] = "", [PROGRAM] = program, [RECORDING] = recording
	};
	why_program(program, sizeof program, why->profile);
	why_operand(recording, sizeof recording, why->profile);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!rows[i].applies(why))
			continue;
		snprintf(why->next, sizeof why->next, "%s%s", rows[i].command,
			 operands[rows[i].operand]);
		why->purpose = rows[i].purpose;
		return;
	}
}
