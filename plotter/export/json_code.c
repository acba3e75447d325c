#include "plotter/export/json_code.h"

#include "plotter/export/json_pieces.h"
#include "share/json.h"
#include "share/profile/kinds.h"

void json_functions(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "functions", out);
	for (size_t i = 0; i < profile->n_functions; i++) {
		const struct profile_function *function = &profile->functions[i];
		if (function->calls == 0)
			continue;
		json_separator(&export);
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

void json_calls(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "calls", out);
	for (size_t i = 0; i < profile->n_calls; i++) {
		const struct profile_call *call = &profile->calls[i];
		json_separator(&export);
		fputs("{\"function\": ", out);
		json_text(out, profile->functions[call->function].name);
		fprintf(out, ", \"level\": %d, \"entry\": ", call->level);
		json_moment(out, &export, &call->from);
		fputs(", \"exit\": ", out);
		json_moment(out, &export, &call->to);
		fputc('}', out);
	}
	fprintf(out, "\n  ],\n  \"dropped_calls\": %llu",
		(unsigned long long)profile->dropped_calls);
}

void json_entered(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "entered", out);
	for (size_t i = 0; i < profile->n_entered; i++) {
		const struct profile_entered *entered = &profile->entered[i];
		json_separator(&export);
		fputs("{\"function\": ", out);
		json_text(out, profile->functions[entered->function].name);
		fprintf(out, ", \"level\": %d, \"thread\": %d, \"entry\": ", entered->level,
			(int)entered->thread);
		json_moment(out, &export, &entered->at);
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

void json_lines(const struct profile *profile, FILE *out)
{
	struct export export = json_array(profile, "lines", out);
	for (size_t i = 0; i < profile->n_listings; i++)
		for (size_t k = 0; k < profile->listings[i].n_lines; k++) {
			json_separator(&export);
			put_line(&profile->listings[i], &profile->listings[i].lines[k], out);
		}
	fputs("\n  ]", out);
}

static void put_frame(const struct profile_growth *growth, const struct profile_frame *frame,
		      FILE *out)
{
	fputs("{\"file\": ", out);
	json_text_or_null(out, frame->function ? growth->paths[frame->path] : NULL);
	fputs(", \"function\": ", out);
	json_text_or_null(out, frame->function);
	fprintf(out, ", \"line\": %d, \"caller\": %zu, \"net\": ", frame->line, frame->caller);
	export_millionths(out, frame->net);
	fputs(", \"grew\": ", out);
	export_millionths(out, frame->grew);
	fputs(", \"at_peak\": ", out);
	export_millionths(out, frame->at_peak);
	fputs(", \"polled\": ", out);
	export_millionths(out, frame->polled);
	fputs(", \"late\": ", out);
	export_millionths(out, frame->late);
	fputs(", \"copied\": ", out);
	export_millionths(out, frame->copied);
	fprintf(out, ", \"thread\": %d}", (int)frame->thread);
}

/* Frames and callers by their place in the array; the first is what has no known place. */
void json_growth(const struct profile *profile, FILE *out)
{
	const struct profile_growth *growth = &profile->growth;
	struct export frames = { .profile = profile, .out = out }, steps = frames;
	fputs(",\n  \"frames\": [", out);
	for (size_t i = 0; i < growth->n_frames; i++) {
		json_separator(&frames);
		put_frame(growth, &growth->frames[i], out);
	}
	fputs("\n  ],\n  \"growth\": [", out);
	for (size_t i = 0; i < growth->n_steps; i++) {
		const struct profile_step *step = &growth->steps[i];
		json_separator(&steps);
		fputs("{\"at\": ", out);
		json_moment(out, &steps, &step->at);
		fputs(", \"delta\": ", out);
		export_millionths(out, step->delta);
		fprintf(out,
			", \"pid\": %d, \"thread\": %d, \"frame\": %zu, \"how\": ", (int)step->pid,
			(int)step->thread, step->frame);
		json_text_or_null(out, step->how ? profile_hows[step->how] : NULL);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}
