#include <stdio.h>

#include "share/fleet/missing.h"
#include "share/fleet/ranks.h"
#include "share/json.h"

static void put_text(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	json_text_or_null(stdout, text);
}

static void put_mib(const char *name, bool known, int64_t umib)
{
	if (known)
		printf(", \"%s\": %.6f", name, sample_mib(umib));
	else
		printf(", \"%s\": null", name);
}

static void put_number(long rank)
{
	if (rank < 0)
		fputs("null", stdout);
	else
		printf("%ld", rank);
}

static void put_line(const struct fleet_grown *grown)
{
	fputs("\"file\": ", stdout);
	json_text(stdout, grown->file);
	printf(", \"line\": %d, \"function\": ", grown->line);
	json_text(stdout, grown->function);
}

static void put_rank(const struct fleet_member *m)
{
	fputs("\n    {\"rank\": ", stdout);
	put_number(m->rank);
	printf(", \"restart\": %d", m->restart);
	put_text("node", m->node);
	put_text("job", m->job);
	put_text("profile", m->path);
	put_text("command", m->command);
	put_text("metric", m->metric);
	printf(", \"from\": %.6f, \"to\": %.6f", sample_seconds(m->from), sample_seconds(m->to));
	put_mib("peak_mib", m->known != KNOWN_UNKNOWN, m->highest.umib);
	put_text("known", known_key(m->known));
	printf(", \"peak_from\": %.6f, \"peak_to\": %.6f", sample_seconds(m->highest.from),
	       sample_seconds(m->highest.to));
	put_mib(m->machine ? "machine_mib" : "limit_mib", m->limit > 0, m->limit);
	printf(", \"ended\": %s, \"status\": ", m->ended ? "true" : "false");
	if (m->status == PROFILE_STATUS_UNKNOWN)
		fputs("null", stdout);
	else
		printf("%d", m->status);
	put_text("killed", m->killed);
	printf(", \"unsynchronised\": %s", m->unsynchronised ? "true" : "false");
	printf(", \"clock_moved_s\": %.6f, \"grown\": [", sample_seconds(m->clock_moved));
	for (size_t i = 0; i < m->n_grown; i++) {
		fputs(i ? ", {" : "{", stdout);
		put_line(&m->grown[i]);
		put_mib("mib", true, m->grown[i].umib);
		putchar('}');
	}
	fputs("]}", stdout);
}

static void put_nodes(const struct fleet_nodes *nodes)
{
	fputs("],\n  \"nodes\": [", stdout);
	for (size_t i = 0; i < nodes->n; i++) {
		const struct fleet_node *node = &nodes->all[i];
		fputs(i ? ",\n    {\"node\": " : "\n    {\"node\": ", stdout);
		json_text(stdout, node->name);
		printf(", \"ranks\": %zu", node->ranks);
		put_mib("together_mib", node->peak.umib >= 0, node->peak.umib);
		printf(", \"at\": %.6f", sample_seconds(node->peak.us));
		put_mib(node->machine ? "machine_mib" : "limit_mib", node->limit > 0, node->limit);
		printf(", \"unsynchronised\": %s}", node->unsynchronised ? "true" : "false");
	}
}

static void put_lines(const struct fleet_ranks *r)
{
	fputs("],\n  \"lines\": [", stdout);
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct fleet_line *line = &r->lines.all[i];
		fputs(i ? ",\n    {" : "\n    {", stdout);
		put_line(line->grown);
		put_mib("mib", true, line->umib);
		put_mib("most_mib", true, line->grown->umib);
		fputs(", \"most_rank\": ", stdout);
		put_number(r->fleet->members[line->most].rank);
		printf(", \"ranks\": %zu", line->ranks);
		put_mib("median_mib", true, line->usual);
		putchar('}');
	}
}

static void put_clocks(const struct fleet_clocks *clocks)
{
	char sentence[FLEET_CLOCK_SENTENCE];
	fputs("],\n  \"clocks\": [", stdout);
	for (size_t i = 0; i < clocks->n; i++) {
		const struct fleet_clock *clock = &clocks->all[i];
		fputs(i ? ",\n    {\"node\": " : "\n    {\"node\": ", stdout);
		json_text(stdout, clock->node);
		printf(", \"ahead_s\": %.6f, \"clock\": %s, \"apart\": %s",
		       sample_seconds(clock->ahead), clock->ends ? "true" : "null",
		       clock->apart ? "true" : "false");
		put_text("sentence", fleet_clock_say(sentence, clock));
		putchar('}');
	}
	fputs("]", stdout);
}

void fleet_ranks_json(const struct fleet_ranks *r, const char *profile)
{
	char sentence[FLEET_SENTENCE];
	struct fleet_missing missing;
	fleet_missing_find(&missing, r->fleet);
	fputs("{\n  \"profile\": ", stdout);
	json_text_or_null(stdout, profile);
	fputs(",\n  \"sentence\": ", stdout);
	json_text(stdout, fleet_ranks_say(sentence, r));
	printf(",\n  \"start\": %.6f", sample_seconds(r->from));
	printf(",\n  \"unreadable\": %llu", (unsigned long long)r->fleet->unreadable);
	printf(",\n  \"missing\": %ld", missing.n);
	fputs(",\n  \"ranks\": [", stdout);
	for (size_t i = 0; i < r->fleet->n; i++) {
		fputs(i ? "," : "", stdout);
		put_rank(&r->fleet->members[i]);
	}
	put_nodes(&r->nodes);
	put_lines(r);
	put_clocks(&r->clocks);
	fputs("\n}", stdout);
}
