#include <errno.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/export/export.h"
#include "plotter/export/json_code.h"
#include "plotter/export/json_heap.h"
#include "plotter/export/json_pieces.h"
#include "share/growth/peak_known.h"
#include "share/json.h"
#include "share/profile/kinds.h"

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\n  \"%s\": ", name);
	json_text_or_null(out, text);
}

static int on_sample(struct export *export, const struct sample *sample)
{
	json_separator(export);
	json_moment(export->out, export, sample);
	return ferror(export->out) ? -EIO : 0;
}

/* [key, seconds, MiB, scope]: one sample of a series beside the first, as far as its kind has them.
 */
static int on_record(struct export *export, const struct profile_record *record)
{
	FILE *out = export->out;
	const char *scope = "";
	json_separator(export);
	fputc('[', out);
	for (const struct field *f = profile_kinds[record->kind].fields; f->type; f++) {
		if (f->type == FIELD_PID)
			fprintf(out, "%d, ", (int)record->pid);
		if (f->type == FIELD_SCOPE)
			scope = record->whole_device ? ", \"device\"" : ", \"tree\"";
	}
	if (record->text) {
		json_text(out, record->text);
		fputs(", ", out);
	}
	json_pair(out, export, &record->at);
	fprintf(out, "%s]", scope);
	return ferror(out) ? -EIO : 0;
}

static int put_array(const struct export *of, enum profile_kind kind)
{
	struct export export = *of;
	fprintf(export.out, ",\n  \"%s\": [", profile_kinds[kind].array);
	int r = of->spool->spans[of->span].counts[kind] > 0 ? export_samples(&export, kind) : 0;
	fputs("\n  ]", export.out);
	return r;
}

/* The first series is the last of the arrays. */
static int put_arrays(const struct export *export)
{
	int r = 0;
	for (int kind = PROFILE_MEM + 1; kind < PROFILE_KINDS && r == 0; kind++)
		if (profile_kinds[kind].array)
			r = put_array(export, (enum profile_kind)kind);
	return r < 0 ? r : put_array(export, PROFILE_MEM);
}

/* In all of the formats' figures 0 is what was not told. */
static void put_figure(FILE *out, int64_t value, int64_t start)
{
	if (value == 0)
		fputs("null", out);
	else
		export_millionths(out, value - start);
}

static void put_known(FILE *out, const char *name, int64_t value, int64_t start)
{
	fprintf(out, ", \"%s\": ", name);
	put_figure(out, value, start);
}

static void put_status(FILE *out, int status)
{
	if (status == PROFILE_STATUS_UNKNOWN)
		fputs("null", out);
	else
		fprintf(out, "%d", status);
}

static void put_child(const struct export *export, const struct profile_child *child)
{
	FILE *out = export->out;
	fprintf(out, "{\"pid\": %d, \"name\": ", (int)child->pid);
	json_text_or_null(out, child->name);
	put_known(out, "born", child->born, export->profile->start_us);
	put_known(out, "gone", child->gone, export->profile->start_us);
	fputs(", \"status\": ", out);
	put_status(out, child->status);
	fputs(", \"peak\": ", out);
	if (child->series.samples > 0)
		json_moment(out, export, &child->series.peak);
	else
		fputs("null", out);
	put_known(out, "high_water", child->high_water, 0);
	fputc('}', out);
}

static void put_children(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "children", out);
	for (size_t i = 0; i < profile->n_children; i++) {
		json_separator(&export);
		put_child(&export, &profile->children[i]);
	}
	fputs("\n  ]", out);
}

static void put_marks(const struct export *of)
{
	const struct profile *profile = of->profile;
	FILE *out = of->out;
	struct export export = *of;
	fputs(",\n  \"marks\": [", out);
	for (size_t i = 0; i < profile->n_marks; i++) {
		if (!export_shows(&export, profile->marks[i].at.us))
			continue;
		json_separator(&export);
		fputs("{\"label\": ", out);
		json_text(out, profile->marks[i].label);
		fputs(", \"at\": ", out);
		json_moment(out, &export, &profile->marks[i].at);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_metrics(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "metrics", out);
	for (size_t i = 0; i < profile->n_values; i++) {
		if (profile->values[i].series.samples == 0)
			continue;
		json_separator(&export);
		fputs("{\"metric\": ", out);
		json_text(out, profile->values[i].metric);
		fputs(", \"peak\": ", out);
		json_moment(out, &export, &profile->values[i].series.peak);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_peak(const struct export *export, const char *name, const struct sample *peak)
{
	fprintf(export->out, ", \"%s\": ", name);
	if (peak->us == 0)
		fputs("null", export->out);
	else
		json_moment(export->out, export, peak);
}

static void put_gpus(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "gpus", out);
	for (size_t i = 0; i < profile->n_gpus; i++) {
		json_separator(&export);
		fputs("{\"device\": ", out);
		json_text(out, profile->gpus[i].device);
		put_peak(&export, "tree_peak", &profile->gpus[i].tree_peak);
		put_peak(&export, "device_peak", &profile->gpus[i].device_peak);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_ranks(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "ranks", out);
	for (size_t i = 0; i < profile->n_ranks; i++) {
		const struct profile_rank *rank = &profile->ranks[i];
		json_separator(&export);
		fprintf(out, "{\"member\": %d, \"rank\": ", rank->member);
		fprintf(out, rank->rank < 0 ? "null" : "%ld", rank->rank);
		put_peak(&export, "peak", &rank->peak);
		put_known(out, "from", rank->from, profile->start_us);
		put_known(out, "to", rank->to, profile->start_us);
		fputs(", \"status\": ", out);
		put_status(out, rank->status);
		fputs(", \"told\": ", out);
		json_text(out, rank->told);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_settings(const struct profile *profile, FILE *out)
{
	fputs(",\n  \"settings\": {", out);
	for (size_t i = 0; i < profile->n_settings; i++) {
		fputs(i ? ", " : "", out);
		json_text(out, profile->settings[i].key);
		fputs(": ", out);
		json_text(out, profile->settings[i].value);
	}
	fputc('}', out);
}

static void put_end(const struct profile *profile, FILE *out)
{
	fputs(",\n  \"exit\": ", out);
	if (!profile->ended) {
		fputs("null", out);
		return;
	}
	fputs("{\"status\": ", out);
	put_status(out, profile->status);
	fputs(", \"epoch\": ", out);
	export_millionths(out, profile->ended_us);
	fputs(", \"ru_maxrss\": ", out);
	export_millionths(out, profile->ru_maxrss);
	fprintf(out, ", \"missed\": %llu}", (unsigned long long)profile->missed);
}

/* Of the whole run, and so not of a window. */
static void put_highest(const struct export *export)
{
	struct peak_verdict best;
	bool windowed = export->from != export->to;
	fputs(",\n  \"highest\": ", export->out);
	if (!windowed)
		peak_best(export->profile, &best);
	if (windowed)
		fputs("null", export->out);
	else
		fprintf(export->out, "{\"mib\": %.6f, \"known\": \"%s\"}", best.mib,
			known_key(best.known));
}

static int put_profile(const struct export *export)
{
	const struct profile *profile = export->profile;
	FILE *out = export->out;
	fputs("{\n  \"unit\": \"MiB\"", out);
	put_member(out, "profile", profile->path);
	put_member(out, "command", profile->command);
	fputs(",\n  \"start\": ", out);
	export_millionths(out, profile->start_us);
	fputs(",\n  \"peak\": ", out);
	if (profile->memory.samples > 0)
		json_moment(out, &(struct export){ .profile = profile }, &profile->memory.peak);
	else
		fputs("null", out);
	put_highest(export);
	fputs(",\n  \"high_water\": ", out);
	put_figure(out, profile->high_water > 0 ? profile->high_water : 0, 0);
	put_settings(profile, out);
	put_end(profile, out);
	json_functions(profile, out);
	json_calls(profile, out);
	put_marks(export);
	put_children(profile, out);
	json_entered(profile, out);
	json_lines(profile, out);
	json_growth(profile, out);
	put_metrics(profile, out);
	put_gpus(profile, out);
	put_ranks(profile, out);
	int r = json_heap(export);
	r = r < 0 ? r : put_arrays(export);
	fputs("\n}", out);
	return r;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	int r = 0;
	fputc('[', of->out);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct export export = export_of(of, profiles, i);
		export.on_sample = on_sample;
		export.on_record = on_record;
		fputs(i ? ",\n" : "", of->out);
		r = put_profile(&export);
	}
	fputs("]\n", of->out);
	return r;
}

const struct backend backend_json = {
	.name = "json",
	.extensions = "json",
	.summary = "everything in the recordings, an array with an object for each; samples are "
		   "[seconds, MiB]",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
	.ranks = true,
};
