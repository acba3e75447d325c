#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/export/export.h"
#include "plotter/export/heap.h"
#include "share/growth/names.h"
#include "share/profile/kinds.h"
#include "share/text.h"

/* RFC 4180: a field with a comma or a quote stands in quotes, its quotes doubled. What is not
 * printable is written out, but a line's end, which such a field may hold. */
static void put_field(FILE *out, const char *text)
{
	char shown[TEXT_SHOWN];
	bool quoted = text[strcspn(text, ",\"\r\n")];
	if (quoted)
		fputc('"', out);
	while (*text) {
		bool line_end = *text == '\n';
		size_t n = text_show(&text, shown);
		if (*shown == '"')
			fputc('"', out);
		fwrite(line_end ? "\n" : shown, 1, line_end ? 1 : n, out);
	}
	if (quoted)
		fputc('"', out);
}

static int put_row(const struct export *export, const char *series, const struct sample *sample)
{
	FILE *out = export->out;
	put_field(out, export->profile->path);
	fputc(',', out);
	put_field(out, series);
	fputc(',', out);
	export_millionths(out, sample->us - export->profile->start_us);
	fputc(',', out);
	export_millionths(out, sample->us);
	fputc(',', out);
	export_millionths(out, sample->umib);
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}

static int on_sample(struct export *export, const struct sample *sample)
{
	return put_row(export, profile_kinds[PROFILE_MEM].series, sample);
}

/* "rank 7", as far as that is told; its second start is another series. */
static char *series_of_rank(const struct profile *p, int member)
{
	char *name = NULL;
	size_t at = 0;
	while (at < p->n_ranks && p->ranks[at].member != member)
		at++;
	long rank = at < p->n_ranks ? p->ranks[at].rank : -1;
	bool again = at > 0 && at < p->n_ranks && p->ranks[at - 1].rank == rank;
	again |= at + 1 < p->n_ranks && p->ranks[at + 1].rank == rank;
	int n = rank < 0 ? asprintf(&name, "member %d", member)
		: again  ? asprintf(&name, "rank %ld member %d", rank, member)
			 : asprintf(&name, "rank %ld", rank);
	return n < 0 ? NULL : name;
}

/* The series' name and what tells this one from others of its kind: "child 17", "gpu 0 device". */
static char *series_of(const struct profile *profile, const struct profile_record *record)
{
	const struct kind *kind = &profile_kinds[record->kind];
	char *name = NULL, pid[32] = "";
	if (record->kind == PROFILE_RMEM)
		return series_of_rank(profile, record->member);
	for (const struct field *f = kind->fields; f->type; f++)
		if (f->type == FIELD_PID)
			snprintf(pid, sizeof pid, " %d", (int)record->pid);
	int n = asprintf(&name, "%s%s%s%s%s", kind->series, pid, record->text ? " " : "",
			 record->text ? record->text : "", record->whole_device ? " device" : "");
	return n < 0 ? NULL : name;
}

static int on_record(struct export *export, const struct profile_record *record)
{
	char *series = series_of(export->profile, record);
	if (!series)
		return -ENOMEM;
	int r = put_row(export, series, &record->at);
	free(series);
	return r;
}

/* What the memory grew by, and where. */
static int put_step(const struct export *export, const struct profile_step *step)
{
	const struct profile_growth *g = &export->profile->growth;
	const struct profile_frame *frame = &g->frames[step->frame];
	const struct sample grown = { step->at.us, step->delta };
	const char *how = profile_hows[step->how], *open = *how ? " (" : "",
		   *close = *how ? ")" : "";
	char *series;
	int n = frame->function ? asprintf(&series, "growth %s:%d %s%s%s%s", g->paths[frame->path],
					   frame->line, frame->function, open, how, close)
				: asprintf(&series, "growth%s%s%s", open, how, close);
	if (n < 0)
		return -ENOMEM;
	int r = put_row(export, series, &grown);
	free(series);
	return r;
}

static int put_growth(const struct export *export)
{
	const struct profile_growth *g = &export->profile->growth;
	int r = 0;
	for (size_t i = 0; i < g->n_steps && r == 0; i++)
		if (export_shows(export, g->steps[i].at.us))
			r = put_step(export, &g->steps[i]);
	return r;
}

/* What a line held from then on. */
static int put_held(const struct export *export, const struct export_heap *h, size_t row)
{
	const struct growth_row *who = &h->table.rows[row].who;
	const struct sample held = { h->us, h->live[row] };
	char name[GROWTH_NAME], *series;
	int n;
	if (growth_is_place(&h->growth, who->frame)) {
		const struct profile_frame *f = &h->growth.frames[who->frame];
		n = asprintf(&series, "heap %s:%d %s", h->growth.paths[f->path], f->line,
			     f->function);
	} else {
		n = asprintf(&series, "heap %s",
			     growth_name(name, &h->growth, who, GROWTH_BY_LINE));
	}
	if (n < 0)
		return -ENOMEM;
	int r = put_row(export, series, &held);
	free(series);
	return r;
}

static int put_heap(const struct export *export)
{
	struct export_heap heap;
	int r = export_heap_open(&heap, export->profile);
	while (r == 0 && export_heap_next(&heap))
		for (size_t i = 0; i < heap.n_changed && r == 0; i++)
			if (export_shows(export, heap.us))
				r = put_held(export, &heap, heap.changed[i]);
	export_heap_close(&heap);
	return r;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	int r = 0;
	fputs("profile,series,seconds,epoch,mib\n", of->out);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct export export = export_of(of, profiles, i);
		export.on_sample = on_sample;
		export.on_record = on_record;
		r = export_samples(&export, PROFILE_KINDS);
		r = r == 0 ? put_growth(&export) : r;
		r = r == 0 ? put_heap(&export) : r;
	}
	return r;
}

const struct backend backend_csv = {
	.name = "csv",
	.extensions = "csv",
	.summary = "every sample as a line: profile, series, seconds, epoch, mib",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
	.ranks = true,
};
