#include "share/commands/line_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/commands/source_file.h"
#include "share/json.h"
#include "share/link.h"
#include "share/names.h"
#include "share/profile/profile.h"
#include "share/text.h"

/* ---- a function, whatever the number of processes that ran it ---- */

struct table {
	const char *file, *function;
	size_t order; /* of the file, among all, by its first listing */
	pid_t *pids;
	size_t n_pids;
	struct profile_line *lines; /* sorted, each once */
	size_t n_lines;
};

static int by_number(const void *a, const void *b)
{
	const struct profile_line *x = a, *y = b;
	return (x->line > y->line) - (x->line < y->line);
}

static void merge_lines(struct table *table)
{
	size_t kept = 0;
	qsort(table->lines, table->n_lines, sizeof *table->lines, by_number);
	for (size_t i = 0; i < table->n_lines; i++)
		if (kept > 0 && table->lines[kept - 1].line == table->lines[i].line)
			profile_add_line(&table->lines[kept - 1], &table->lines[i]);
		else
			table->lines[kept++] = table->lines[i];
	table->n_lines = kept;
}

static int add_listing(struct table *table, const struct profile_listing *listing)
{
	pid_t *pid = array_more(&table->pids, &table->n_pids, sizeof *pid);
	if (!pid)
		return -ENOMEM;
	*pid = listing->pid;
	size_t n = table->n_lines + listing->n_lines;
	struct profile_line *lines = realloc(table->lines, (n ? n : 1) * sizeof *lines);
	if (!lines)
		return -ENOMEM;
	table->lines = lines;
	if (listing->n_lines > 0)
		memcpy(lines + table->n_lines, listing->lines, listing->n_lines * sizeof *lines);
	table->n_lines = n;
	return 0;
}

/* As the functions stand in their files, and the files as they appear. */
static int by_place(const void *a, const void *b)
{
	const struct table *x = a, *y = b;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	if (x->n_lines == 0 || y->n_lines == 0)
		return (x->n_lines == 0) - (y->n_lines == 0);
	return (x->lines->line > y->lines->line) - (x->lines->line < y->lines->line);
}

struct tables {
	struct table *items;
	size_t n;
	struct names keys, files; /* by function and file: index into `items`; by appearance */
};

static int add_to_tables(struct tables *tables, const struct profile_listing *listing)
{
	char *key;
	if (asprintf(&key, "%s\n%s", listing->function, listing->file) < 0)
		return -ENOMEM;
	long at = names_find(&tables->keys, key, SIZE_MAX);
	long order = names_find(&tables->files, listing->file, SIZE_MAX);
	free(key);
	if (at < 0 || order < 0)
		return -ENOMEM;
	if ((size_t)at == tables->n) {
		struct table *table = array_more(&tables->items, &tables->n, sizeof *table);
		if (!table)
			return -ENOMEM;
		table->file = listing->file;
		table->function = listing->function;
		table->order = (size_t)order;
	}
	return add_listing(&tables->items[at], listing);
}

static int make_tables(const struct profile *p, struct tables *tables)
{
	int r = 0;
	for (size_t i = 0; i < p->n_listings && r == 0; i++)
		r = add_to_tables(tables, &p->listings[i]);
	for (size_t i = 0; i < tables->n; i++)
		if (tables->items[i].n_lines > 0)
			merge_lines(&tables->items[i]);
	if (r == 0 && tables->n > 0)
		qsort(tables->items, tables->n, sizeof *tables->items, by_place);
	names_free(&tables->keys);
	names_free(&tables->files);
	return r;
}

static int for_each_table(const struct profile *p, void (*print)(void *, const struct table *),
			  void *context)
{
	struct tables tables = { 0 };
	int r = make_tables(p, &tables);
	for (size_t i = 0; i < tables.n; i++) {
		if (r == 0 && tables.items[i].n_lines > 0)
			print(context, &tables.items[i]);
		free(tables.items[i].pids);
		free(tables.items[i].lines);
	}
	free(tables.items);
	return r;
}

/* ---- its source ---- */

struct printing {
	FILE *out;
	int precision;
	int64_t start; /* µs, of the recording */
	struct source_right right;
	bool more; /* not the first */
};

static size_t indent_of(const char *text)
{
	return strspn(text, " \t");
}

static bool is_blank(const char *text)
{
	return text[indent_of(text)] == '\0';
}

/* The function's lines go on behind the last that ran: deeper than its head, or the end of a
 * bracket. Blank lines belong to it when more follows. */
static int last_of_block(const struct table *table, const struct printing *p)
{
	struct source_file source;
	int last = table->lines[table->n_lines - 1].line;
	source_file_open(&source, table->file, p->start, &p->right);
	const char *text = source_file_line(&source, table->lines[0].line);
	size_t head = text ? indent_of(text) : 0;
	for (int line = last + 1; text && (text = source_file_line(&source, line)); line++) {
		if (is_blank(text))
			continue;
		if (indent_of(text) <= head && !strchr(")]}", text[indent_of(text)]))
			break;
		last = line;
	}
	source_file_close(&source);
	return last;
}

/* ---- as text ---- */

/* A figure of which a good part is not the line's own. */
static bool is_shared(const struct profile_line *line)
{
	enum { LEAST = 1000000, PART = 4 }; /* umib */
	return line->foreign >= LEAST && line->foreign >= line->increment / PART;
}

static bool any_is_shared(const struct table *table)
{
	for (size_t i = 0; i < table->n_lines; i++)
		if (is_shared(&table->lines[i]))
			return true;
	return false;
}

/* `link`: it leads to the file, which is here as it was. */
static void print_file(FILE *out, const char *path, bool link)
{
	char *file = text_printable(path);
	fputs("Filename: ", out);
	if (link)
		link_begin(out, path);
	fputs(file ? file : path, out);
	if (link)
		link_end(out, path);
	fputc('\n', out);
	free(file);
}

static void print_head(FILE *out, const struct table *table, const struct source_file *source)
{
	static const char titles[] =
		"Line #    Mem usage    Increment         Peak  Occurrences   Line Contents";
	print_file(out, table->file, source->file);
	if (source->changed)
		fputs("Changed since the recording began: its lines are not shown\n", out);
	if (table->n_pids > 1)
		fprintf(out,
			"Processes: %zu; Mem usage and Peak are the highest, Increment and "
			"Occurrences are in all\n",
			table->n_pids);
	if (any_is_shared(table))
		fputs("*: a good part was taken by other threads while the line ran\n", out);
	fprintf(out, "\n%s\n", titles);
	for (size_t i = 0; i < sizeof titles - 1; i++)
		putc('=', out);
	putc('\n', out);
}

/* Tabs stay: they are the source's. */
static void print_source(FILE *out, const char *text)
{
	char shown[TEXT_SHOWN];
	while (text && *text) {
		bool tab = *text == '\t';
		size_t n = text_show(&text, shown);
		fwrite(tab ? "\t" : shown, 1, tab ? 1 : n, out);
	}
	putc('\n', out);
}

static void print_line(const struct printing *p, const struct profile_line *line, int number,
		       const char *text)
{
	char figures[3][40] = { "", "", "" }, occurrences[24] = "";
	if (line) {
		const int64_t umib[] = { line->umib, line->increment, line->peak };
		for (size_t i = 0; i < 3; i++)
			snprintf(figures[i], sizeof figures[i], "%*.*f MiB", p->precision + 4,
				 p->precision, sample_mib(umib[i]));
		snprintf(occurrences, sizeof occurrences, "%" PRIu64, line->occurrences);
	}
	fprintf(p->out, "%6d %12s %12s%c%12s  %10s   ", number, figures[0], figures[1],
		line && is_shared(line) ? '*' : ' ', figures[2], occurrences);
	print_source(p->out, text);
}

static void print_table(void *context, const struct table *table)
{
	struct printing *p = context;
	struct source_file source;
	size_t i = 0;
	int64_t last = last_of_block(table, p);
	source_file_open(&source, table->file, p->start, &p->right);
	print_head(p->out, table, &source);
	for (int64_t number = table->lines[0].line; number <= last; number++) {
		const char *text = source_file_line(&source, (int)number);
		if (!text) /* on to what ran */
			number = i < table->n_lines ? table->lines[i].line : last + 1;
		bool ran = i < table->n_lines && table->lines[i].line == number;
		if (ran || text)
			print_line(p, ran ? &table->lines[i] : NULL, (int)number, text);
		i += ran;
	}
	fputs("\n\n", p->out);
	source_file_close(&source);
}

int line_report_text(const struct profile *profile, int precision, FILE *out)
{
	struct printing printing = { .out = out,
				     .precision = precision,
				     .start = profile->start_us };
	source_right_of(&printing.right, profile);
	return for_each_table(profile, print_table, &printing);
}

/* ---- as JSON ---- */

static void put_json_line(FILE *out, const struct profile_line *line, const char *source)
{
	fprintf(out,
		"\n      {\"line\": %d, \"mib\": %.6f, \"increment\": %.6f, \"peak\": %.6f, "
		"\"occurrences\": %" PRIu64,
		line->line, sample_mib(line->umib), sample_mib(line->increment),
		sample_mib(line->peak), line->occurrences);
	if (line->foreign > 0)
		fprintf(out, ", \"other_threads\": %.6f", sample_mib(line->foreign));
	if (source) {
		fputs(", \"source\": ", out);
		json_text(out, source);
	}
	putc('}', out);
}

static void put_json(void *context, const struct table *table)
{
	struct printing *p = context;
	struct source_file source;
	source_file_open(&source, table->file, p->start, &p->right);
	fprintf(p->out, "%s\n  {\"file\": ", p->more ? "," : "");
	json_text(p->out, table->file);
	fputs(", \"function\": ", p->out);
	json_text(p->out, table->function);
	fputs(", \"processes\": [", p->out);
	for (size_t i = 0; i < table->n_pids; i++)
		fprintf(p->out, "%s%d", i ? ", " : "", (int)table->pids[i]);
	fprintf(p->out, "],%s\n    \"lines\": [", source.changed ? " \"changed\": true," : "");
	for (size_t i = 0; i < table->n_lines; i++) {
		if (i > 0)
			putc(',', p->out);
		put_json_line(p->out, &table->lines[i],
			      source_file_line(&source, table->lines[i].line));
	}
	fputs("]}", p->out);
	source_file_close(&source);
	p->more = true;
}

int line_report_json(const struct profile *profile, FILE *out)
{
	struct printing printing = { .out = out, .precision = 6, .start = profile->start_us };
	source_right_of(&printing.right, profile);
	putc('[', out);
	int r = for_each_table(profile, put_json, &printing);
	fputs("\n]\n", out);
	return r;
}
