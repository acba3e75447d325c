/* A snapshot of torch, for programs. */
#include <stdio.h>

#include "share/json.h"
#include "share/profile/sum.h"
#include "share/snapshot/print.h"

static void put_mib(const char *name, int64_t bytes)
{
	printf("\"%s\": %.6f", name, (double)bytes / 0x1p20);
}

static void put_next(const char *name, int64_t bytes)
{
	fputs(", ", stdout);
	put_mib(name, bytes);
}

/* Seconds from the beginning of the history; null: not told. */
static void put_moment(const struct device *d, int64_t us)
{
	if (d->first_us > 0 && us >= d->first_us)
		printf("%.6f", (double)(us - d->first_us) / 1e6);
	else
		fputs("null", stdout);
}

static void put_frame(const struct snapshot *s, uint32_t frame)
{
	const struct places_frame *f = &s->places.frames[frame];
	if (frame == 0) {
		fputs("null", stdout);
		return;
	}
	fputs("{\"file\": ", stdout);
	json_text(stdout, s->places.texts.texts[f->file]);
	printf(", \"line\": %d, \"function\": ", (int)f->line);
	json_text(stdout, s->places.texts.texts[f->function]);
	printf(", \"own\": %s}", f->rank == PLACES_USERS ? "true" : "false");
}

static void put_now(const struct device *d)
{
	put_mib("reserved_mib", d->reserved);
	put_next("allocated_mib", d->allocated);
	put_next("requested_mib", d->requested);
	put_next("awaiting_free_mib", d->awaiting);
	put_next("unused_mib", d->unused);
	put_next("largest_unused_mib", d->largest_unused);
	put_next("private_pools_mib", d->private);
	printf(", \"segments\": %zu, \"blocks\": %zu, \"unused_blocks\": %zu", d->segments,
	       d->blocks, d->unuseds);
}

static void put_oom(const struct snapshot *s, const struct device *d)
{
	const struct device_oom *oom = &d->oom;
	if (d->ooms == 0) {
		fputs("null", stdout);
		return;
	}
	printf("{\"times\": %zu", d->ooms);
	put_next("wanted_mib", oom->wanted);
	if (oom->free >= 0)
		put_next("free_mib", oom->free);
	else
		fputs(", \"free_mib\": null", stdout);
	put_next("requested_mib", device_at_oom(d));
	put_next("reserved_mib", device_reserved_at_oom(d));
	printf(", \"in_pieces\": %s, \"at_s\": ", snapshot_was_in_pieces(d) ? "true" : "false");
	put_moment(d, oom->us);
	fputs(", \"frame\": ", stdout);
	put_frame(s, s->places.places[oom->place].frame);
	putchar('}');
}

static void put_history(const struct snapshot *s, const struct device *d, const struct rows *rows)
{
	if (!device_has_history(d) && d->ooms == 0) {
		fputs("null", stdout);
		return;
	}
	printf("{\"events\": %zu, \"seconds\": ", d->events);
	put_moment(d, d->last_us);
	put_next("at_start_mib", device_start(d));
	put_next("peak_mib", rows->peak);
	fputs(", \"peak_at_s\": ", stdout);
	put_moment(d, d->most > 0 ? d->most_us : d->first_us);
	put_next("peak_reserved_mib", sum_of(device_start_reserved(d), d->most_reserved));
	fputs(", \"known\": \"at-least\", \"oom\": ", stdout);
	put_oom(s, d);
	putchar('}');
}

static void put_rows(const struct rows *rows, const struct snapshot_wish *wish)
{
	char name[ROWS_NAME];
	fputs(",\n     \"places\": [", stdout);
	for (size_t i = 0; i < rows->n && i < wish->top; i++) {
		fputs(i ? ",\n       {\"name\": " : "\n       {\"name\": ", stdout);
		json_text(stdout, rows_name(name, rows, rows->rows[i].frame));
		fputs(", \"frame\": ", stdout);
		put_frame(rows->snapshot, rows->rows[i].frame);
		put_next("at_peak_mib", rows->rows[i].at_peak);
		put_next("now_mib", rows->rows[i].now);
		putchar('}');
	}
	putchar(']');
}

static void put_classes(const struct rows *rows)
{
	fputs(",\n     \"under_way_at_peak\": {", stdout);
	for (int i = 0; i < N_PLACES_DEEDS; i++) {
		fputs(i ? ", " : "", stdout);
		printf("\"%s_mib\": %.6f", snapshot_deed_key((enum places_deed)i),
		       (double)rows->deeds_at_peak[i] / 0x1p20);
	}
	put_next("no_python_mib", rows->without);
	put_next("before_history_mib", rows->before);
	putchar('}');
}

static int put_device(const struct snapshot *s, size_t i, const struct snapshot_wish *wish)
{
	const struct device *d = &s->devices[i];
	struct rows rows;
	int r = rows_make(&rows, s, d, wish->by);
	if (r < 0)
		return r;
	printf("\n    {\"device\": %zu, ", i);
	put_now(d);
	fputs(",\n     \"history\": ", stdout);
	put_history(s, d, &rows);
	put_rows(&rows, wish);
	put_classes(&rows);
	putchar('}');
	rows_free(&rows);
	return 0;
}

int snapshot_print_json(const struct snapshot *s, const char *path,
			const struct snapshot_wish *wish)
{
	const char *notes[SNAPSHOT_NOTES], *between = "";
	int r = 0;
	fputs("{\n  \"kind\": \"torch-memory-snapshot\",\n  \"file\": ", stdout);
	json_text(stdout, path);
	printf(",\n  \"stacks\": %s,\n  \"devices\": [", s->stacks ? "true" : "false");
	for (size_t i = 0; r == 0 && i < SNAPSHOT_DEVICES; i++) {
		if (!s->devices[i].seen)
			continue;
		fputs(between, stdout);
		between = ",";
		r = put_device(s, i, wish);
	}
	fputs("],\n  \"notes\": [", stdout);
	snapshot_notes(s, notes);
	for (size_t i = 0; notes[i]; i++) {
		fputs(i ? ",\n    " : "\n    ", stdout);
		json_text(stdout, notes[i]);
	}
	puts("]\n}");
	return r;
}
