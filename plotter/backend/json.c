#include <errno.h>
#include <string.h>

#include "plotter/backend.h"
#include "plotter/export.h"
#include "share/text.h"

/* RFC 8259: quotes, backslashes and controls escaped; what is no UTF-8 becomes U+FFFD. */
static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const char *next = text; *text; text = next) {
		uint32_t c = text_next(&next);
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (char)c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", (unsigned)c);
		else if (c == TEXT_REPLACEMENT)
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, (size_t)(next - text), out);
	}
	fputc('"', out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\n  \"%s\": ", name);
	if (text)
		put_string(out, text);
	else
		fputs("null", out);
}

static void put_moment(FILE *out, const struct export *export, const struct sample *sample)
{
	fputc('[', out);
	export_millionths(out, sample->us - export->profile->start_us);
	fputs(", ", out);
	export_millionths(out, sample->umib);
	fputc(']', out);
}

/* The next element of an array: a comma where it is not the first. */
static void put_separator(struct export *export)
{
	fputs(export->n++ ? ",\n    " : "\n    ", export->out);
}

static int on_sample(struct export *export, const struct sample *sample)
{
	put_separator(export);
	put_moment(export->out, export, sample);
	return ferror(export->out) ? -EIO : 0;
}

static int on_child(struct export *export, pid_t pid, const struct sample *sample)
{
	put_separator(export);
	fprintf(export->out, "[%d, ", (int)pid);
	export_millionths(export->out, sample->us - export->profile->start_us);
	fputs(", ", export->out);
	export_millionths(export->out, sample->umib);
	fputc(']', export->out);
	return ferror(export->out) ? -EIO : 0;
}

static int put_samples(const struct profile *profile, double from, double to, FILE *out)
{
	struct export export = { profile, out, from, to, on_sample, NULL, 0, 0 };
	fputs(",\n  \"samples\": [", out);
	int r = export_samples(&export);
	fputs("\n  ]", out);
	return r;
}

static int put_child_samples(const struct profile *profile, double from, double to, FILE *out)
{
	struct export export = { profile, out, from, to, NULL, on_child, 0, 0 };
	fputs(",\n  \"child_samples\": [", out);
	int r = profile->n_children > 0 ? export_samples(&export) : 0;
	fputs("\n  ]", out);
	return r;
}

/* In all of the formats' figures 0 is what was not told. */
static void put_known(FILE *out, const char *name, int64_t value, int64_t start)
{
	fprintf(out, ", \"%s\": ", name);
	if (value == 0)
		fputs("null", out);
	else
		export_millionths(out, value - start);
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
	if (child->name)
		put_string(out, child->name);
	else
		fputs("null", out);
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
	struct export export = { .profile = profile, .out = out };
	fputs(",\n  \"children\": [", out);
	for (size_t i = 0; i < profile->n_children; i++) {
		put_separator(&export);
		put_child(&export, &profile->children[i]);
	}
	fputs("\n  ]", out);
}

static void put_functions(const struct profile *profile, FILE *out)
{
	struct export export = { .profile = profile, .out = out };
	fputs(",\n  \"functions\": [", out);
	for (size_t i = 0; i < profile->n_functions; i++) {
		const struct profile_function *function = &profile->functions[i];
		if (function->calls == 0)
			continue;
		put_separator(&export);
		fputs("{\"name\": ", out);
		put_string(out, function->name);
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
	struct export export = { .profile = profile, .out = out };
	fputs(",\n  \"calls\": [", out);
	for (size_t i = 0; i < profile->n_calls; i++) {
		const struct profile_call *call = &profile->calls[i];
		put_separator(&export);
		fputs("{\"function\": ", out);
		put_string(out, profile->functions[call->function].name);
		fprintf(out, ", \"level\": %d, \"entry\": ", call->level);
		put_moment(out, &export, &call->from);
		fputs(", \"exit\": ", out);
		put_moment(out, &export, &call->to);
		fputc('}', out);
	}
	fprintf(out, "\n  ],\n  \"dropped_calls\": %llu",
		(unsigned long long)profile->dropped_calls);
}

static void put_marks(const struct profile *profile, double from, double to, FILE *out)
{
	struct export export = { .profile = profile, .out = out, .from = from, .to = to };
	fputs(",\n  \"marks\": [", out);
	for (size_t i = 0; i < profile->n_marks; i++) {
		if (!export_shows(&export, profile->marks[i].at.us))
			continue;
		put_separator(&export);
		fputs("{\"label\": ", out);
		put_string(out, profile->marks[i].label);
		fputs(", \"at\": ", out);
		put_moment(out, &export, &profile->marks[i].at);
		fputc('}', out);
	}
	fputs("\n  ]", out);
}

static void put_settings(const struct profile *profile, FILE *out)
{
	fputs(",\n  \"settings\": {", out);
	for (size_t i = 0; i < profile->n_settings; i++) {
		fputs(i ? ", " : "", out);
		put_string(out, profile->settings[i].key);
		fputs(": ", out);
		put_string(out, profile->settings[i].value);
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

static int put_profile(const struct profile *profile, double from, double to, FILE *out)
{
	fputs("{\n  \"unit\": \"MiB\"", out);
	put_member(out, "profile", profile->path);
	put_member(out, "command", profile->command);
	fputs(",\n  \"start\": ", out);
	export_millionths(out, profile->start_us);
	fputs(",\n  \"peak\": ", out);
	put_moment(out, &(struct export){ .profile = profile }, &profile->memory.peak);
	fputs(",\n  \"high_water\": ", out);
	if (profile->high_water > 0)
		export_millionths(out, profile->high_water);
	else
		fputs("null", out);
	put_settings(profile, out);
	put_end(profile, out);
	put_functions(profile, out);
	put_calls(profile, out);
	put_marks(profile, from, to, out);
	put_children(profile, out);
	int r = put_child_samples(profile, from, to, out);
	r = r < 0 ? r : put_samples(profile, from, to, out);
	fputs("\n}", out);
	return r;
}

static int draw(const struct profile *const profiles[], size_t n, double from, double to, FILE *out)
{
	int r = 0;
	fputc('[', out);
	for (size_t i = 0; i < n && r == 0; i++) {
		fputs(i ? ",\n" : "", out);
		r = put_profile(profiles[i], from, to, out);
	}
	fputs("]\n", out);
	return r;
}

const struct backend backend_json = {
	.name = "json",
	.extensions = "json",
	.summary = "everything in the recordings, an array with an object for each; samples are "
		   "[seconds, MiB]",
	.export = draw,
};
