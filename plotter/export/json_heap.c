#include "plotter/export/json_heap.h"

#include "plotter/export/heap.h"
#include "plotter/export/json_pieces.h"
#include "share/growth/names.h"
#include "share/json.h"

static void put_mib(FILE *out, const char *name, int64_t umib)
{
	fprintf(out, ", \"%s\": ", name);
	export_millionths(out, umib);
}

static void put_holder(FILE *out, const struct export_heap *h, size_t row)
{
	const struct heap_row *r = &h->table.rows[row];
	const struct profile_heap_frame *f = &r->figures;
	char name[GROWTH_NAME];
	bool placed = growth_is_place(&h->growth, r->who.frame);
	const struct profile_frame *frame = placed ? &h->growth.frames[r->who.frame] : NULL;
	fputs("{\"name\": ", out);
	json_text(out, growth_name(name, &h->growth, &r->who, GROWTH_BY_LINE));
	fputs(", \"file\": ", out);
	json_text_or_null(out, frame ? h->growth.paths[frame->path] : NULL);
	fprintf(out, ", \"line\": %d, \"function\": ", frame ? frame->line : 0);
	json_text_or_null(out, frame ? frame->function : NULL);
	put_mib(out, "live", f->live);
	fprintf(out, ", \"live_error\": %.6f", heap_error(f->spread));
	put_mib(out, "at_peak", f->at_peak);
	fprintf(out, ", \"at_peak_error\": %.6f", heap_error(f->spread_at_peak));
	put_mib(out, "given_back", f->given_back);
	put_mib(out, "inherited", f->inherited);
	fputc('}', out);
}

/* [seconds, MiB that it holds from then on, whose: its place in the array of holders] */
static void put_moments(const struct export *of, struct export_heap *h)
{
	struct export moments = *of;
	fputs(",\n  \"heap\": [", of->out);
	while (export_heap_next(h)) {
		for (size_t i = 0; i < h->n_changed && export_shows(of, h->us); i++) {
			const struct sample at = { h->us, h->live[h->changed[i]] };
			json_separator(&moments);
			fputc('[', of->out);
			json_pair(of->out, of, &at);
			fprintf(of->out, ", %zu]", h->changed[i]);
		}
	}
	fputs("\n  ]", of->out);
}

int json_heap(const struct export *export)
{
	struct export_heap heap;
	int r = export_heap_open(&heap, export->profile);
	if (r == 0) {
		struct export holders = json_array(export->profile, "holders", export->out);
		for (size_t i = 0; i < heap.table.n; i++) {
			json_separator(&holders);
			put_holder(export->out, &heap, i);
		}
		fputs("\n  ]", export->out);
		put_moments(export, &heap);
	}
	export_heap_close(&heap);
	return r;
}
