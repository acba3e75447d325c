#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/missing.h"
#include "share/fleet/ranks.h"
#include "share/format.h"
#include "share/text.h"

enum { NAME = 64 };

/* What a recording says is printed as one line, whatever it holds. */
static int print(const char *format, const char *text)
{
	char *shown = text_printable(text);
	if (!shown)
		return -ENOMEM;
	printf(format, shown);
	free(shown);
	return 0;
}

/* One that tells no rank goes by its file. */
static char *name_rank(char out[NAME], const struct fleet_member *m)
{
	if (m->rank < 0)
		snprintf(out, NAME, "%s", m->path ? text_base_name(m->path) : "-");
	else if (m->restart > 0)
		snprintf(out, NAME, "%ld (start %d)", m->rank, m->restart + 1);
	else
		snprintf(out, NAME, "%ld", m->rank);
	return out;
}

static void more(size_t left)
{
	if (left > 0)
		printf("  … and %zu more: --top N shows N\n", left);
}

/* ---- ranks ---- */

static int print_line_of(const struct fleet_member *m)
{
	char text[1024];
	if (m->n_grown == 0)
		return 0;
	const struct fleet_grown *grown = &m->grown[0];
	snprintf(text, sizeof text, "%.1f MiB %s:%d %s", sample_mib(grown->umib), grown->file,
		 grown->line, grown->function);
	return print("  %s", text);
}

static int print_rank(const struct fleet_ranks *r, const struct fleet_member *m)
{
	char rank[NAME], ended[FLEET_WHO];
	if (m->known == KNOWN_UNKNOWN)
		printf("%14s  %-8s  %8s", "", known_word(m->known), "");
	else
		printf("%14.3f  %-8s  %8.2f", sample_mib(m->highest.umib), known_word(m->known),
		       fleet_ranks_at(r, m->node, m->highest.to));
	int result = print("  %10s", name_rank(rank, m));
	result = result < 0 ? result : print("  %-12s", m->node ? m->node : "-");
	result =
		result < 0 ? result : print(m->n_grown ? "  %-10s" : "  %s", fleet_ended(ended, m));
	result = result < 0 ? result : print_line_of(m);
	putchar('\n');
	return result;
}

static int print_ranks(const struct fleet_ranks *r, size_t top)
{
	size_t n = r->fleet->n < top ? r->fleet->n : top;
	int result = 0;
	printf("\nRanks by peak\n%14s  %-8s  %8s  %10s  %-12s  %s%s\n", "MiB", "known", "at s",
	       "rank", "node", r->lines.n ? "ended     " : "ended",
	       r->lines.n ? "  held of that by its largest line" : "");
	for (size_t i = 0; i < n && result == 0; i++)
		result = print_rank(r, &r->fleet->members[r->by_peak[i]]);
	more(r->fleet->n - n);
	return result;
}

static int print_bad(const struct fleet_ranks *r, size_t top)
{
	size_t n = r->n_bad < top ? r->n_bad : top;
	int result = 0;
	if (n > 0)
		printf("\nEnded badly, or without an end; the first comes first\n%10s  %10s  "
		       "%-12s  %12s  %s\n",
		       "last s", "rank", "node", "peak MiB", "ended");
	for (size_t i = 0; i < n && result == 0; i++) {
		const struct fleet_member *m = &r->fleet->members[r->bad[i]];
		char rank[NAME], ended[FLEET_WHO];
		printf("%10.2f", fleet_ranks_at(r, m->node, m->to));
		result = print("  %10s", name_rank(rank, m));
		result = result < 0 ? result : print("  %-12s", m->node ? m->node : "-");
		if (m->known == KNOWN_UNKNOWN)
			printf("  %12s", known_word(m->known));
		else
			printf("  %12.3f", sample_mib(m->highest.umib));
		result = result < 0 ? result : print("  %s\n", fleet_ended(ended, m));
	}
	more(r->n_bad - n);
	return result;
}

/* ---- nodes ---- */

static int print_node(const struct fleet_ranks *r, const struct fleet_node *node)
{
	char allowed[64] = "not told";
	if (node->limit > 0)
		snprintf(allowed, sizeof allowed, "%.3f  %3.0f %%%s", sample_mib(node->limit),
			 100 * fleet_node_share(node), node->machine ? "  of all it has" : "");
	int result = print("  %-16s", node->name);
	if (node->peak.umib < 0)
		printf("%8zu  %14s  %10s  %s\n", node->ranks, "unknown", "", allowed);
	else
		printf("%8zu  %14.3f  %10.2f  %s\n", node->ranks, sample_mib(node->peak.umib),
		       fleet_ranks_at(r, node->name, node->peak.us), allowed);
	return result;
}

static int print_nodes(const struct fleet_ranks *r, size_t top)
{
	const struct fleet_nodes *nodes = &r->nodes;
	size_t n = nodes->n < top ? nodes->n : top;
	bool group = false;
	int result = 0;
	if (n > 0)
		printf("\nNodes: the ranks' highest in stretches of time, added up\n  %-16s%8s  "
		       "%14s  %10s  %s\n",
		       "node", "ranks", "MiB together", "at s", "MiB allowed");
	for (size_t i = 0; i < n && result == 0; i++) {
		result = print_node(r, &nodes->all[i]);
		group |= nodes->all[i].limit > 0 && !nodes->all[i].machine;
	}
	more(nodes->n - n);
	if (group)
		puts("  (allowed by the ranks' control group; whether all of a node share one is "
		     "not told)");
	return result;
}

/* ---- lines ---- */

static int print_lines(const struct fleet_ranks *r, size_t top)
{
	const struct fleet_lines *lines = &r->lines;
	size_t n = lines->n < top ? lines->n : top;
	int result = 0;
	if (n > 0)
		printf("\nHeld by line at the peak, as %zu of the ranks tell it; where one "
		       "differs most comes first\n%12s  %12s  %12s  %8s  %10s  %s\n",
		       lines->telling, "MiB in all", "most", "median", "ranks", "most in", "line");
	for (size_t i = 0; i < n && result == 0; i++) {
		const struct fleet_line *line = &lines->all[i];
		char rank[NAME], text[1024];
		printf("%12.1f  %12.1f  %12.1f  %8zu", sample_mib(line->umib),
		       sample_mib(line->grown->umib), sample_mib(line->usual), line->ranks);
		result = print("  %10s", name_rank(rank, &r->fleet->members[line->most]));
		snprintf(text, sizeof text, "%s:%d %s", line->grown->file, line->grown->line,
			 line->grown->function);
		result = result < 0 ? result : print("  %s\n", text);
	}
	more(lines->n - n);
	return result;
}

/* ---- clocks ---- */

static int print_clocks(const struct fleet_clocks *clocks, size_t top)
{
	char sentence[FLEET_CLOCK_SENTENCE];
	int result = 0;
	if (clocks->n + clocks->unsynchronised + clocks->moved > 0)
		puts("\nClocks");
	for (size_t i = 0; i < clocks->n && i < top && result == 0; i++)
		result = print("  %s\n", fleet_clock_say(sentence, &clocks->all[i]));
	more(clocks->n > top ? clocks->n - top : 0);
	if (clocks->moved > 0 && result == 0)
		result = print("  %s\n", fleet_clocks_say_moved(sentence, clocks));
	if (clocks->unsynchronised > 0 && result == 0) {
		printf("  %zu node%s not synchronised, by what the kernel said",
		       clocks->unsynchronised, clocks->unsynchronised == 1 ? " was" : "s were");
		result = print(": %s", clocks->first);
		puts(clocks->unsynchronised > 1 ? ", …" : "");
	}
	return result;
}

static int print_missing(const struct fleet *fleet)
{
	struct fleet_missing missing;
	char sentence[MISSING_SENTENCE];
	fleet_missing_find(&missing, fleet);
	return missing.n > 0 ? print("%s\n", fleet_missing_say(sentence, &missing)) : 0;
}

int fleet_ranks_text(const struct fleet_ranks *r, size_t top)
{
	char sentence[FLEET_SENTENCE];
	int result = print("%s\n", fleet_ranks_say(sentence, r));
	result = result < 0 ? result : print_missing(r->fleet);
	result = result < 0 ? result : print_clocks(&r->clocks, top);
	result = result < 0 ? result : print_ranks(r, top);
	result = result < 0 ? result : print_bad(r, top);
	result = result < 0 ? result : print_nodes(r, top);
	return result < 0 ? result : print_lines(r, top);
}

/* ---- for peak ---- */

int fleet_peaks_highest(const struct fleet_ranks *r)
{
	char who[FLEET_WHO];
	const struct fleet_member *m = &r->fleet->members[r->by_peak[0]];
	if (m->known == KNOWN_UNKNOWN) {
		printf("  %-30s%s\n", "highest rank", known_word(m->known));
		return 0;
	}
	printf("  %-30s%.3f MiB  ", "highest rank", sample_mib(m->highest.umib));
	int result = print("%s", fleet_who(who, m));
	printf(", %s, at %.2f s\n", known_word(m->known),
	       fleet_ranks_at(r, m->node, m->highest.to));
	return result;
}

/* By their clocks what was held at once is added up. */
static int print_clocks_off(const struct fleet_clocks *clocks)
{
	enum { MOST = 3 };
	char sentence[FLEET_CLOCK_SENTENCE];
	int result = 0;
	for (size_t i = 0; i < clocks->n && i < MOST && result == 0; i++)
		result = print("  (%s)\n", fleet_clock_say(sentence, &clocks->all[i]));
	return result;
}

int fleet_peaks_text(const struct fleet_ranks *r)
{
	const struct fleet *fleet = r->fleet;
	char who[FLEET_WHO];
	int result = print_clocks_off(&r->clocks);
	result = result < 0 ? result : fleet_peaks_highest(r);
	for (size_t i = 0; i < fleet->n && result == 0; i++) {
		const struct fleet_member *m = &fleet->members[i];
		fleet_who(who, m);
		*who = m->rank >= 0 ? 'R' : *who;
		result = print("  %-30s", who);
		if (m->known == KNOWN_UNKNOWN)
			puts(known_word(m->known));
		else
			printf("%.3f MiB  %s\n", sample_mib(m->highest.umib), known_word(m->known));
	}
	return result;
}
