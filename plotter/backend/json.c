#include <errno.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/export.h"
#include "share/json.h"
#include "share/profile/kinds.h"

static void put_text(FILE *out, const char *text)
{
	if (text)
		json_text(out, text);
	else
		fputs("null", out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\n  \"%s\": ", name);
	put_text(out, text);
}

static void put_pair(FILE *out, const struct export *export, const struct sample *sample)
{
	export_millionths(out, sample->us - export->profile->start_us);
	fputs(", ", out);
	export_millionths(out, sample->umib);
}

static void put_moment(FILE *out, const struct export *export, const struct sample *sample)
{
	fputc('[', out);
	put_pair(out, export, sample);
	fputc(']', out);
}

/* The next element of an array: a comma where it is not the first. */
static void put_separator(struct export *export)
{
	fputs(export->n++ ? ",\n    " : "\n    ", export->out);
}

static struct export begin_array(const struct profile *profile, const char *name, FILE *out)
{
	fprintf(out, ",\n  \"%s\": [", name);
	return (struct export){ .profile = profile, .out = out };
}

static int on_sample(struct export *export, const struct sample *sample)
{
	put_separator(export);
	put_moment(export->out, export, sample);
	return ferror(export->out) ? -EIO : 0;
}

/* [key, seconds, MiB, scope]: one sample of a series beside the first, as far as its kind has them.
 */
static int on_record(struct export *export, const struct profile_record *record)
{
	FILE *out = export->out;
	const char *scope = "";
	put_separator(export);
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
	put_pair(out, export, &record->at);
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
	put_text(out, child->name);
	put_known(out, "born", child->born, export->profile->start_us);
	put_known(out, "gone", child->gone, export->profile->start_us);
	fputs(", \"status\": ", out);
	put_status(out, child->status);
	fputs(", \"peak\": ", out);
	if (child->series.samples > 0)
		put_moment(out, export, &child->series.peak);
	else
		fputs("null", out);
	put_known(out, "high_water", child->high_water, 0);
	fputc('}', out);
}

static void put_children(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "children", out);
	for (size_t i = 0; i < profile->n_children; i++) {
		put_separator(&export);
		put_child(&export, &profile->children[i]);
	}
	fputs("\n  ]", out);
}

static void put_functions(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "functions", out);
	for (size_t i = 0; i < profile->n_functions; i++) {
		const struct profile_function *function = &profile->functions[i];
		if (function->calls == 0)
			continue;
		put_separator(&export);
		fputs("{\"name\": ", out);
		json_text(out, function->name);
		fprintf(out,
			", \"calls\": %llu, \"seconds\": ", (unsigned long long)function->calls);
		export_millionths(out, function->us);
		fputs(", \"growth\": ", out);
		export_millionths(out, function->growth);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_calls(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "calls", out);
	for (size_t i = 0; i < profile->n_calls; i++) {
		const struct profile_call *call = &profile->calls[i];
		put_separator(&export);
		fputs("{\"function\": ", out);
		json_text(out, profile->functions[call->function].name);
		fprintf(out, ", \"level\": %d, \"entry\": ", call->level);
		put_moment(out, &export, &call->from);
		fputs(", \"exit\": ", out);
		put_moment(out, &export, &call->to);
		fputc('}', out);
	}
	fprintf(out, "\n  ],\n  \"dropped_calls\": %llu",
		(unsigned long long)profile->dropped_calls);
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
		put_separator(&export);
		fputs("{\"label\": ", out);
		json_text(out, profile->marks[i].label);
		fputs(", \"at\": ", out);
		put_moment(out, &export, &profile->marks[i].at);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

/* Calls that were never seen to end. */
static void put_entered(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "entered", out);
	for (size_t i = 0; i < profile->n_entered; i++) {
		const struct profile_entered *entered = &profile->entered[i];
		put_separator(&export);
		fputs("{\"function\": ", out);
		json_text(out, profile->functions[entered->function].name);
		fprintf(out, ", \"level\": %d, \"thread\": %d, \"entry\": ", entered->level,
			(int)entered->thread);
		put_moment(out, &export, &entered->at);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_line(const struct profile_listing *listing, const struct profile_line *line,
		     FILE *out)
{
	fputs("{\"file\": ", out);
	json_text(out, listing->file);
	fputs(", \"function\": ", out);
	json_text(out, listing->function);
	fprintf(out, ", \"pid\": %d, \"line\": %d, \"memory\": ", (int)listing->pid, line->line);
	export_millionths(out, line->umib);
	fputs(", \"increment\": ", out);
	export_millionths(out, line->increment);
	fputs(", \"peak\": ", out);
	export_millionths(out, line->peak);
	fprintf(out, ", \"occurrences\": %llu}", (unsigned long long)line->occurrences);
}

static void put_lines(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "lines", out);
	for (size_t i = 0; i < profile->n_listings; i++)
		for (size_t k = 0; k < profile->listings[i].n_lines; k++) {
			put_separator(&export);
			put_line(&profile->listings[i], &profile->listings[i].lines[k], out);
		}
	fputs("\n  ]", out);
}

static void put_frame(const struct profile_growth *growth, const struct profile_frame *frame,
		      FILE *out)
{
	fputs("{\"file\": ", out);
	put_text(out, frame->function ? growth->paths[frame->path] : NULL);
	fputs(", \"function\": ", out);
	put_text(out, frame->function);
	fprintf(out, ", \"line\": %d, \"caller\": %zu, \"net\": ", frame->line, frame->caller);
	export_millionths(out, frame->net);
	fputs(", \"grew\": ", out);
	export_millionths(out, frame->grew);
	fputs(", \"at_peak\": ", out);
	export_millionths(out, frame->at_peak);
	fputc('}', out);
}

/* Frames and callers by their place in the array; the first is what has no known place. */
static void put_growth(const struct profile *profile, FILE *out)
{
	const struct profile_growth *growth = &profile->growth;
	struct export frames = { .profile = profile, .out = out }, steps = frames;
	fputs(",\n  \"frames\": [", out);
	for (size_t i = 0; i < growth->n_frames; i++) {
		put_separator(&frames);
		put_frame(growth, &growth->frames[i], out);
	}
	fputs("\n  ],\n  \"growth\": [", out);
	for (size_t i = 0; i < growth->n_steps; i++) {
		const struct profile_step *step = &growth->steps[i];
		put_separator(&steps);
		fputs("{\"at\": ", out);
		put_moment(out, &steps, &step->at);
		fputs(", \"delta\": ", out);
		export_millionths(out, step->delta);
		fprintf(out, ", \"pid\": %d, \"thread\": %d, \"frame\": %zu}", (int)step->pid,
			(int)step->thread, step->frame);
	}
	fputs("\n  ]", out);
}

static void put_metrics(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "metrics", out);
	for (size_t i = 0; i < profile->n_values; i++) {
		if (profile->values[i].series.samples == 0)
			continue;
		put_separator(&export);
		fputs("{\"metric\": ", out);
		json_text(out, profile->values[i].metric);
		fputs(", \"peak\": ", out);
		put_moment(out, &export, &profile->values[i].series.peak);
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
		put_moment(export->out, export, peak);
}

static void put_gpus(const struct profile *profile, FILE *out)
{
	struct export export = begin_array(profile, "gpus", out);
	for (size_t i = 0; i < profile->n_gpus; i++) {
		put_separator(&export);
		fputs("{\"device\": ", out);
		json_text(out, profile->gpus[i].device);
		put_peak(&export, "tree_peak", &profile->gpus[i].tree_peak);
		put_peak(&export, "device_peak", &profile->gpus[i].device_peak);
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
	put_moment(out, &(struct export){ .profile = profile }, &profile->memory.peak);
	fputs(",\n  \"high_water\": ", out);
	put_figure(out, profile->high_water > 0 ? profile->high_water : 0, 0);
	put_settings(profile, out);
	put_end(profile, out);
	put_functions(profile, out);
	put_calls(profile, out);
	put_marks(export);
	put_children(profile, out);
	put_entered(profile, out);
	put_lines(profile, out);
	put_growth(profile, out);
	put_metrics(profile, out);
	put_gpus(profile, out);
	int r = put_arrays(export);
	fputs("\n}", out);
	return r;
}

static int draw(struct spool *spool, const struct profile *const profiles[], size_t n, double from,
		double to, FILE *out)
{
	int r = 0;
	fputc('[', out);
	for (size_t i = 0; i < n && r == 0; i++) {
		fputs(i ? ",\n" : "", out);
		r = put_profile(&(struct export){ profiles[i], spool, i, out, from, to, on_sample,
						  on_record, 0 });
	}
	fputs("]\n", out);
	return r;
}

const struct backend backend_json = {
	.name = "json",
	.extensions = "json",
	.summary = "everything in the recordings, an array with an object for each; samples are "
		   "[seconds, MiB]",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
};
