#include "share/report.h"

/* Paths and functions may hold any bytes; those that are no text were written out when they were
 * recorded. */
static void put_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_frame(const struct profile_growth *g, size_t frame)
{
	const struct profile_frame *f = &g->frames[frame];
	if (frame == 0) {
		fputs("null", stdout);
		return;
	}
	fputs("{\"file\": ", stdout);
	put_string(g->paths[f->path]);
	printf(", \"line\": %d, \"function\": ", f->line);
	put_string(f->function);
	putchar('}');
}

static void put_row(const struct profile_growth *g, const struct growth_row *row, enum growth_by by)
{
	char place[GROWTH_PLACE];
	fputs("    {", stdout);
	if (by == GROWTH_BY_THREAD) {
		printf("\"pid\": %d, \"thread\": %d", (int)row->pid, (int)row->thread);
	} else {
		fputs("\"name\": ", stdout);
		put_string(growth_place(place, g, row->frame, by));
		fputs(", \"frame\": ", stdout);
		put_frame(g, row->frame);
	}
	printf(", \"net_mib\": %.6f, \"grew_mib\": %.6f, \"at_peak_mib\": %.6f, \"steps\": %llu}",
	       sample_mib(row->net), sample_mib(row->grew), sample_mib(row->at_peak),
	       (unsigned long long)row->steps);
}

static int put_table(const struct profile *p, const struct report_options *o, const char *name,
		     bool users)
{
	struct growth_table table;
	int r = growth_table_make(&table, &p->growth, o->by, users);
	if (r < 0)
		return r;
	printf(",\n  \"%s\": [", name);
	for (size_t i = 0; i < table.n && i < o->top; i++) {
		puts(i ? "," : "");
		put_row(&p->growth, &table.rows[i], o->by);
	}
	fputs("\n  ]", stdout);
	growth_table_free(&table);
	return 0;
}

static void put_phases(const struct profile *p)
{
	enum { MOST = 256 };
	struct growth_phase phases[MOST];
	size_t n = growth_phases(&p->growth, phases, MOST);
	fputs(",\n  \"phases\": [", stdout);
	for (size_t i = 0; i < n; i++)
		printf("%s\n    {\"from_s\": %.6f, \"to_s\": %.6f, \"net_mib\": %.6f, "
		       "\"to_mib\": %.6f}",
		       i ? "," : "", sample_seconds(phases[i].from.us - p->start_us),
		       sample_seconds(phases[i].to.us - p->start_us), sample_mib(phases[i].net),
		       sample_mib(phases[i].to.umib));
	fputs("\n  ]", stdout);
}

int report_print_json(const struct profile *p, const struct report_options *o)
{
	const struct profile_growth *g = &p->growth;
	printf("{\n  \"peak\": {\"mib\": %.6f, \"at_s\": %.6f, \"pid\": %d, \"thread\": %d, "
	       "\"innermost\": ",
	       sample_mib(g->peak.at.umib), sample_seconds(g->peak.at.us - p->start_us),
	       (int)g->peak.pid, (int)g->peak.thread);
	put_frame(g, g->peak.frame);
	fputs(", \"yours\": ", stdout);
	put_frame(g, growth_users_frame(g, g->peak.frame));
	putchar('}');
	int r = o->by == GROWTH_BY_THREAD ? 0 : put_table(p, o, "yours", true);
	r = r < 0 ? r : put_table(p, o, "innermost", false);
	put_phases(p);
	puts("\n}");
	return r;
}
