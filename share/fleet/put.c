#include "share/fleet/put.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/tally.h"
#include "share/fleet/total.h"
#include "share/profile/quote.h"
#include "share/profile/writer.h"
#include "share/version.h"

struct put {
	FILE *out;
	struct profile_writer lines; /* that wait to be written; it has no file */
	struct total total;
};

/* ---- lines ---- */

static int flush(struct put *p)
{
	size_t n = p->lines.used;
	p->lines.used = 0;
	errno = 0;
	if (n == 0 || fwrite(p->lines.buffer, 1, n, p->out) == n)
		return 0;
	return errno ? -errno : -EIO;
}

static int put(struct put *p, const struct profile_record *record)
{
	enum { MANY = 64 << 10 };
	int r = profile_put(&p->lines, record);
	return r == 0 && p->lines.used > MANY ? flush(p) : r;
}

/* ---- of one member ---- */

static void put_pair(FILE *out, const char *key, const char *value)
{
	char *pair, *quoted;
	if (!value || asprintf(&pair, "%s=%s", key, value) < 0)
		return;
	size_t n = profile_quote(NULL, 0, pair) + 1;
	quoted = malloc(n);
	if (quoted) {
		profile_quote(quoted, n, pair);
		fprintf(out, "%s%s", ftell(out) > 0 ? " " : "", quoted);
	}
	free(quoted);
	free(pair);
}

static void put_millionths(FILE *out, const char *key, int64_t value)
{
	char text[48];
	snprintf(text, sizeof text, "%" PRId64 ".%06d", value / 1000000, (int)(value % 1000000));
	put_pair(out, key, text);
}

static void put_told(FILE *out, const struct fleet_member *m)
{
	char restart[16], ranks[24], moved[32];
	snprintf(restart, sizeof restart, "%d", m->restart);
	put_pair(out, "node", m->node);
	put_pair(out, "job", m->job);
	put_pair(out, "step", m->step);
	snprintf(ranks, sizeof ranks, "%ld", m->ranks);
	put_pair(out, "ranks", m->ranks > 0 ? ranks : NULL);
	put_pair(out, "restart", m->restart > 0 ? restart : NULL);
	put_pair(out, "metric", m->metric);
	if (m->limit > 0)
		put_millionths(out, m->machine ? "machine" : "limit", m->limit);
	put_pair(out, "unsynchronised", m->unsynchronised ? "1" : NULL);
	snprintf(moved, sizeof moved, "%.6f", sample_seconds(m->clock_moved));
	put_pair(out, "clock_moved", m->clock_moved ? moved : NULL);
	put_pair(out, "ended", m->ended ? "1" : NULL);
	put_pair(out, "killed", m->killed);
	put_pair(out, "known", known_key(m->known));
	put_pair(out, "peak_by", m->exact ? "mark" : NULL);
	if (m->highest.from != m->highest.to)
		put_millionths(out, "peak_from", m->highest.from);
	put_pair(out, "path", m->path);
	put_pair(out, "command", m->command);
}

static int put_rank(struct put *p, int number, const struct fleet_member *m)
{
	char *text = NULL;
	size_t size;
	FILE *told = open_memstream(&text, &size);
	if (!told)
		return -ENOMEM;
	put_told(told, m);
	if (fclose(told) != 0) {
		free(text);
		return -ENOMEM;
	}
	int r = put(p, &(struct profile_record){
			       .kind = PROFILE_RANK,
			       .member = number,
			       .rank = m->rank,
			       .at = { m->highest.to, m->highest.umib },
			       .from = m->from,
			       .to = m->to,
			       .status = m->status,
			       .text = text,
		       });
	free(text);
	return r;
}

static int put_points(struct put *p, int number, const struct fleet_point *points, size_t n)
{
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct fleet_point *point = &points[i];
		r = put(p, &(struct profile_record){
				   .kind = PROFILE_RMEM,
				   .member = number,
				   .at = { point->us, point->umib },
				   .lowest = point->umib - point->least,
				   .first = point->umib - point->first,
				   .last = point->umib - point->last,
			   });
	}
	return r;
}

static int put_grown(struct put *p, int number, const struct fleet_member *m)
{
	int r = 0;
	for (size_t i = 0; i < m->n_grown && r == 0; i++) {
		const struct fleet_grown *grown = &m->grown[i];
		r = put(p, &(struct profile_record){
				   .kind = PROFILE_RGROW,
				   .member = number,
				   .increment = grown->umib,
				   .place = { grown->file, grown->line },
				   .function = grown->function,
			   });
	}
	return r;
}

static int put_marks(struct put *p, int number, const struct fleet_member *m)
{
	int r = 0;
	for (size_t i = 0; i < m->n_marks && r == 0; i++)
		r = put(p, &(struct profile_record){ .kind = PROFILE_RMARK,
						     .member = number,
						     .at = m->marks[i].at,
						     .text = m->marks[i].label });
	return r;
}

static int put_member(struct put *p, const struct store *store, size_t i)
{
	const struct stored *stored = &store->all[i];
	struct fleet_point *points;
	int number = (int)i + 1, r = store_points(store, stored, &points);
	if (r < 0)
		return r;
	total_add(&p->total, points, stored->member.n_points, stored->member.to);
	r = put_rank(p, number, &stored->member);
	r = r == 0 ? put_points(p, number, points, stored->member.n_points) : r;
	r = r == 0 ? put_marks(p, number, &stored->member) : r;
	r = r == 0 ? put_grown(p, number, &stored->member) : r;
	free(points);
	return r;
}

/* ---- of all ---- */

static int put_head(struct put *p, const struct tally *t, size_t columns)
{
	char n[24], kept[24], start[48], lacks[KNOWN_SIZE];
	known_write_lacks(lacks, t->lacks);
	struct profile_pair pairs[10] = {
		{ "format", "1" },      { "merged", n },    { "tool", "mprof-c/" MPROF_VERSION },
		{ "columns", kept },    { "start", start }, { "tree", "1" },
		{ "peak_lacks", lacks }
	};
	size_t k = 7;
	snprintf(n, sizeof n, "%zu", t->n);
	snprintf(kept, sizeof kept, "%zu", columns);
	snprintf(start, sizeof start, "%" PRId64 ".%06d", t->from / 1000000,
		 (int)(t->from % 1000000));
	if (t->metric)
		pairs[k++] = (struct profile_pair){ "metric", t->metric };
	if (t->job)
		pairs[k++] = (struct profile_pair){ "job", t->job };
	struct profile_record command = { .kind = PROFILE_CMDLINE, .text = t->command };
	int r = t->command ? put(p, &command) : 0;
	return r < 0 ? r : profile_put_meta(&p->lines, pairs, k);
}

static int put_foot(struct put *p, const struct tally *t)
{
	const struct total *total = &p->total;
	int r = 0;
	for (size_t i = 0; i < total->n && r == 0; i++)
		if (total->sums[i] >= 0)
			r = put(p, &(struct profile_record){
					   .kind = PROFILE_MEM,
					   .at = { total->from + (int64_t)i * total->width,
						   total->sums[i] } });
	if (r < 0)
		return r;
	return put(p, &(struct profile_record){
			      .kind = PROFILE_EXIT, .status = t->status, .at.us = t->to });
}

int fleet_put(FILE *out, const struct store *store, size_t columns, struct put_told *told)
{
	struct put p = { .out = out, .lines.fd = -1 };
	struct tally tally;
	tally_make(&tally, store);
	int r = total_open(&p.total, tally.from, tally.to, columns);
	if (r < 0)
		return r;
	r = put_head(&p, &tally, columns);
	for (size_t i = 0; i < store->n && r == 0; i++)
		r = put_member(&p, store, i);
	r = r == 0 ? put_foot(&p, &tally) : r;
	r = r == 0 ? flush(&p) : r;
	*told = (struct put_told){ store->n, tally.nodes, tally.jobs, total_peak(&p.total) };
	total_close(&p.total);
	free(p.lines.buffer);
	return r;
}
