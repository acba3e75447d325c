#include <inttypes.h>
#include <stdlib.h>

#include "share/commands/line_report.h"
#include "share/commands/report.h"
#include "share/commands/source_file.h"
#include "share/growth/card_print.h"
#include "share/growth/names.h"
#include "share/growth/phases.h"
#include "share/json.h"
#include "share/profile/profile.h"

struct printing {
	const struct report *report;
	const struct growth *growth;
	const struct report_options *options;
};

static void put_mib(const char *name, int64_t umib)
{
	printf("\"%s\": %.6f", name, sample_mib(umib));
}

static void put_seconds(const struct printing *p, const char *name, int64_t us)
{
	printf("\"%s\": %.6f", name, sample_seconds(us - p->report->start));
}

static void put_member(const char *name, const char *text)
{
	printf("\"%s\": ", name);
	json_text(stdout, text);
}

/* ---- places ---- */

static void put_place(const struct printing *p, size_t frame)
{
	if (!growth_is_place(p->growth, frame)) {
		fputs("null", stdout);
		return;
	}
	const struct profile_frame *f = &p->growth->frames[frame];
	putchar('{');
	put_member("file", p->growth->paths[f->path]);
	printf(", \"line\": %d, ", f->line);
	put_member("function", f->function);
	putchar('}');
}

/* Innermost first. */
static void put_stack(const struct printing *p, size_t frame)
{
	enum { DEEPEST = 512 };
	putchar('[');
	for (int n = 0; frame > 0 && n < DEEPEST; n++) {
		if (n > 0)
			fputs(", ", stdout);
		put_place(p, frame);
		frame = p->growth->frames[frame].caller;
	}
	putchar(']');
}

static void put_peak(const struct printing *p)
{
	const struct profile_step *peak = &p->growth->peak;
	int64_t known = report_known_peak(p->report->profile);
	fputs("  \"peak\": {", stdout);
	put_mib("mib", peak->at.umib);
	fputs(", ", stdout);
	if (known > 0) {
		put_mib("known_mib", known);
		fputs(", ", stdout);
	}
	put_seconds(p, "at_s", peak->at.us);
	printf(", \"pid\": %d, \"thread\": %d,\n    \"yours\": ", (int)peak->pid,
	       (int)peak->thread);
	put_place(p, growth_charged(p->growth, p->report->maker, GROWTH_TO_USER));
	fputs(",\n    \"stack\": ", stdout);
	put_stack(p, p->report->maker);
	fputs("}", stdout);
}

/* ---- tables ---- */

static void put_source(const struct printing *p, size_t frame)
{
	const struct profile_frame *f = &p->growth->frames[frame];
	char *source = source_file_text(p->growth->paths[f->path], f->line, p->report->start,
					&p->report->right);
	if (source) {
		fputs(", ", stdout);
		put_member("source", source);
	}
	free(source);
}

static void put_key(const struct printing *p, const struct growth_row *row, enum growth_by by)
{
	char name[GROWTH_NAME];
	put_member("name", growth_name(name, p->growth, row, by));
	if (by == GROWTH_BY_THREAD || row->thread)
		printf(", \"pid\": %d, \"thread\": %d", (int)row->pid, (int)row->thread);
	if (by == GROWTH_BY_THREAD)
		return;
	fputs(", \"frame\": ", stdout);
	put_place(p, row->frame);
	if (by == GROWTH_BY_LINE && growth_is_place(p->growth, row->frame))
		put_source(p, row->frame);
}

static int put_table(const struct printing *p, const char *name, enum growth_to to)
{
	struct growth_table table;
	int r = growth_table_make(&table, p->growth, p->options->by, to);
	if (r < 0)
		return r;
	size_t release, first = growth_table_choose(&table, p->options->top, &release);
	printf(",\n  \"%s\": [", name);
	for (size_t i = 0; i < table.n; i++) {
		const struct growth_row *row = &table.rows[i];
		if (i >= first && i != release)
			continue;
		printf("%s\n    {", i ? "," : "");
		put_key(p, row, p->options->by);
		fputs(", ", stdout);
		put_mib("net_mib", row->net);
		fputs(", ", stdout);
		put_mib("grew_mib", row->grew);
		fputs(", ", stdout);
		put_mib("at_peak_mib", row->at_peak);
		printf(", \"steps\": %" PRIu64 ", \"how\": \"%s\", \"waits\": %s}", row->steps,
		       growth_how(row), growth_is_waited_for(row) ? "true" : "false");
	}
	printf("\n  ],\n  \"%s_astray_mib\": %.6f", name, -sample_mib(growth_table_astray(&table)));
	growth_table_free(&table);
	return 0;
}

/* ---- what forks share ---- */

static int put_forks(const struct printing *p)
{
	struct growth_table table;
	const struct profile_growth *told = &p->report->profile->growth;
	int r = growth_table_of_copies(&table, p->growth, GROWTH_TO_USER);
	if (r < 0)
		return r;
	fputs(",\n  ", stdout);
	put_mib("inherited_mib", told->inherited);
	fputs(", ", stdout);
	put_mib("copied_mib", told->copied);
	fputs(",\n  \"copied\": [", stdout);
	for (size_t i = 0; i < table.n && i < p->options->top; i++) {
		fputs(i ? ",\n    {" : "\n    {", stdout);
		put_key(p, &table.rows[i], GROWTH_BY_LINE);
		fputs(", ", stdout);
		put_mib("copied_mib", table.rows[i].copied);
		putchar('}');
	}
	fputs(table.n ? "\n  ]" : "]", stdout);
	growth_table_free(&table);
	return 0;
}

/* ---- phases ---- */

static int put_contents(const struct printing *p, const struct growth_phase *phase)
{
	enum { NAMED = 8 };
	struct growth_table table;
	int r = growth_table_of_steps(&table, p->growth, GROWTH_BY_LINE, GROWTH_TO_USER,
				      phase->first, phase->end);
	if (r < 0)
		return r;
	growth_table_sort_by_change(&table);
	for (size_t i = 0; i < table.n && i < NAMED; i++) {
		printf("%s{\"at\": ", i ? ", " : "");
		put_place(p, table.rows[i].frame);
		fputs(", ", stdout);
		put_mib("net_mib", table.rows[i].net);
		putchar('}');
	}
	growth_table_free(&table);
	return 0;
}

static int put_phases(const struct printing *p)
{
	struct growth_phase phases[2 * GROWTH_PHASES + 1];
	int n = growth_phases(p->growth, p->report->end, phases), r = n < 0 ? n : 0;
	fputs(",\n  \"phases\": [", stdout);
	for (int i = 0; i < n && r == 0; i++) {
		printf("%s\n    {", i ? "," : "");
		put_seconds(p, "from_s", phases[i].from);
		fputs(", ", stdout);
		put_seconds(p, "to_s", phases[i].to);
		fputs(", ", stdout);
		put_mib("net_mib", phases[i].net);
		fputs(", ", stdout);
		put_mib("grew_mib", phases[i].grew);
		fputs(", ", stdout);
		put_mib("ended_mib", phases[i].ended);
		fputs(", ", stdout);
		put_mib("begun_mib", phases[i].begun);
		fputs(", ", stdout);
		put_mib("held_mib", phases[i].held);
		fputs(", ", stdout);
		put_mib("most_mib", phases[i].most);
		fputs(",\n      \"lines\": [", stdout);
		r = put_contents(p, &phases[i]);
		fputs("]}", stdout);
	}
	fputs("\n  ]", stdout);
	return r;
}

/* ---- the GPUs ---- */

static void put_taken(const struct printing *p, const struct growth_table *table)
{
	for (size_t i = 0; i < table->n && i < p->options->top; i++) {
		const struct growth_row *row = &table->rows[i];
		fputs(i ? ",\n      {" : "\n      {", stdout);
		put_key(p, row, p->options->by);
		fputs(", ", stdout);
		put_mib("net_mib", row->net);
		fputs(", ", stdout);
		put_mib("grew_mib", row->grew);
		printf(", \"steps\": %" PRIu64 "}", row->steps);
	}
}

/* Every line of it is sampled. */
static int put_vram(const struct printing *p)
{
	const struct profile_vram *v = &p->report->profile->vram;
	struct growth_table table;
	if (v->n_devices == 0 || p->options->by == GROWTH_BY_THREAD)
		return 0;
	fputs(",\n  \"vram\": [", stdout);
	for (size_t i = 0; i < v->n_devices; i++) {
		int r = growth_table_of_vram(&table, p->growth, v, i, p->options->by);
		if (r < 0)
			return r;
		fputs(i ? ",\n    {" : "\n    {", stdout);
		put_member("device", v->devices[i]);
		fputs(", \"how\": \"sampled\", ", stdout);
		put_mib("net_mib", table.net);
		fputs(", ", stdout);
		put_mib("grew_mib", table.grew);
		fputs(", \"yours\": [", stdout);
		put_taken(p, &table);
		fputs("]}", stdout);
		growth_table_free(&table);
	}
	fputs("\n  ]", stdout);
	return 0;
}

static int put_cards(const struct printing *p)
{
	if (p->report->profile->n_ooms == 0)
		return 0;
	fputs(",\n  \"cards\": ", stdout);
	return card_print_json(stdout, p->report->profile, p->growth, p->report->start);
}

/* ---- all of it ---- */

static int put_growth(const struct printing *p)
{
	fputs(",\n", stdout);
	put_peak(p);
	int r = p->options->by == GROWTH_BY_THREAD ? 0 : put_table(p, "yours", GROWTH_TO_USER);
	r = r < 0 ? r : put_table(p, "innermost", GROWTH_TO_INNERMOST);
	r = r < 0 ? r : put_forks(p);
	return r < 0 ? r : put_phases(p);
}

int report_print_json(const struct report *report, const struct report_options *options)
{
	const struct printing p = { report, &report->growth, options };
	const struct profile *profile = report->profile;
	fputs("{\n  ", stdout);
	put_member("profile", profile->path);
	fputs(",\n  ", stdout);
	put_member("command", profile->command ? profile->command : "");
	report_put_known(report);
	int r = profile->growth.n_steps ? put_growth(&p) : 0;
	r = r < 0 ? r : put_vram(&p);
	r = r < 0 ? r : put_cards(&p);
	r = r < 0 ? r : report_put_outlook(report, options);
	if (r == 0 && profile->n_listings) {
		fputs(",\n  \"exact_lines\": ", stdout);
		r = line_report_json(profile, stdout);
	} else {
		putchar('\n');
	}
	puts("}");
	return r;
}
