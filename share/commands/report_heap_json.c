/* Who holds a sampled heap, for programs. */
#include <inttypes.h>
#include <stdlib.h>

#include "share/commands/report.h"
#include "share/commands/source_file.h"
#include "share/growth/names.h"
#include "share/json.h"

static void put_mib(const char *name, int64_t umib)
{
	printf("\"%s\": %.6f", name, sample_mib(umib));
}

static void put_member(const char *name, const char *text)
{
	printf("\"%s\": ", name);
	json_text(stdout, text);
}

static void put_source(const struct report *p, const struct profile_frame *f)
{
	char *source = source_file_text(p->growth.paths[f->path], f->line, p->start, &p->right);
	if (source) {
		fputs(", ", stdout);
		put_member("source", source);
	}
	free(source);
}

static void put_place(const struct report *p, const struct growth_row *who, enum growth_by by)
{
	char name[GROWTH_NAME];
	put_member("name", growth_name(name, &p->growth, who, by));
	if (!growth_is_place(&p->growth, who->frame)) {
		fputs(", \"frame\": null", stdout);
		return;
	}
	const struct profile_frame *f = &p->growth.frames[who->frame];
	fputs(", \"frame\": {", stdout);
	put_member("file", p->growth.paths[f->path]);
	printf(", \"line\": %d, ", f->line);
	put_member("function", f->function);
	putchar('}');
	if (by == GROWTH_BY_LINE && f->line > 0)
		put_source(p, f);
}

static void put_figures(const struct profile_heap_frame *f)
{
	put_mib("live_mib", f->live);
	printf(", \"live_error_mib\": %.6f, ", heap_error(f->spread));
	put_mib("at_peak_mib", f->at_peak);
	printf(", \"at_peak_error_mib\": %.6f, ", heap_error(f->spread_at_peak));
	put_mib("at_rss_peak_mib", f->at_rss_peak);
	fputs(", ", stdout);
	put_mib("given_back_mib", f->given_back);
	fputs(", ", stdout);
	put_mib("inherited_mib", f->inherited);
	printf(", \"sampled_blocks\": %" PRId64, f->blocks);
}

static int put_table(const struct report *p, const struct report_options *o, const char *name,
		     enum growth_to to)
{
	struct heap_table table;
	int r = heap_table_make(&table, &p->profile->heap, &p->growth, o->by, to);
	if (r < 0)
		return r;
	printf(",\n  \"%s\": [", name);
	for (size_t i = 0; i < table.n && i < o->top; i++) {
		fputs(i ? ",\n    {" : "\n    {", stdout);
		put_place(p, &table.rows[i].who, o->by);
		fputs(", ", stdout);
		put_figures(&table.rows[i].figures);
		putchar('}');
	}
	fputs(table.n ? "\n  ]" : "]", stdout);
	heap_table_free(&table);
	return 0;
}

/* ---- from mark to mark ---- */

struct marking {
	const struct report *report;
	const struct heap_table *table;
	bool more;
};

static int put_interval(void *context, const struct report_interval *interval)
{
	struct marking *m = context;
	int64_t start = m->report->start;
	int64_t to = interval->to == INT64_MAX ? m->report->end : interval->to;
	fputs(m->more ? ",\n    {" : "\n    {", stdout);
	m->more = true;
	if (interval->mark)
		put_member("mark", interval->mark);
	else
		fputs("\"mark\": null", stdout);
	printf(", \"from_s\": %.6f, \"to_s\": %.6f, ", sample_seconds(interval->from - start),
	       sample_seconds(to - start));
	put_mib("net_mib", interval->net);
	fputs(", ", stdout);
	put_mib("live_mib", interval->live);
	fputs(", \"lines\": [", stdout);
	bool more = false;
	for (size_t i = 0; i < m->table->n; i++) {
		if (interval->change[i] == 0)
			continue;
		fputs(more ? ", {" : "{", stdout);
		put_place(m->report, &m->table->rows[i].who, GROWTH_BY_FUNCTION);
		fputs(", ", stdout);
		put_mib("net_mib", interval->change[i]);
		putchar('}');
		more = true;
	}
	fputs("]}", stdout);
	return 0;
}

static int put_marks(const struct report *p)
{
	struct heap_table table;
	struct marking m = { p, &table, false };
	int r = heap_table_make(&table, &p->profile->heap, &p->growth, GROWTH_BY_LINE,
				GROWTH_TO_USER);
	if (r < 0)
		return r;
	fputs(",\n  \"marks\": [", stdout);
	r = report_heap_marks(p, &table, put_interval, &m);
	fputs(m.more ? "\n  ]" : "]", stdout);
	heap_table_free(&table);
	return r;
}

/* ---- all of it ---- */

int report_print_heap_json(const struct report *p, const struct report_options *o)
{
	const struct profile_heap *h = &p->profile->heap;
	struct heap_table all;
	int r = heap_table_make(&all, h, &p->growth, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r < 0)
		return r;
	fputs("{\n  ", stdout);
	put_member("profile", p->profile->path);
	fputs(",\n  ", stdout);
	put_member("command", p->profile->command ? p->profile->command : "");
	report_put_known(p);
	if (report_heap_mean(p->profile) > 0)
		printf(",\n  \"sampled_every_bytes\": %.0f", report_heap_mean(p->profile));
	report_put_heap_lacks(p->profile);
	printf(",\n  \"heap\": {\"peak_at_s\": %.6f, ", sample_seconds(h->peak.us - p->start));
	put_figures(&all.all);
	putchar('}');
	heap_table_free(&all);
	r = put_table(p, o, "yours", GROWTH_TO_USER);
	r = r < 0 ? r : put_table(p, o, "innermost", GROWTH_TO_INNERMOST);
	r = r < 0 ? r : put_marks(p);
	r = r < 0 ? r : report_put_outlook(p, o);
	fputs("\n}\n", stdout);
	return r;
}
