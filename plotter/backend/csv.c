#include <errno.h>
#include <string.h>

#include "plotter/backend.h"
#include "plotter/export.h"

/* RFC 4180: a field with a comma, a quote or a line end stands in quotes, its quotes doubled. */
static void put_field(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
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
	return put_row(export, "main", sample);
}

static int on_child(struct export *export, pid_t pid, const struct sample *sample)
{
	char series[32];
	snprintf(series, sizeof series, "child %d", (int)pid);
	return put_row(export, series, sample);
}

static int draw(const struct profile *const profiles[], size_t n, double from, double to, FILE *out)
{
	int r = 0;
	fputs("profile,series,seconds,epoch,mib\n", out);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct export export = { profiles[i], out, from, to, on_sample, on_child, 0, 0 };
		r = export_samples(&export);
	}
	return r;
}

const struct backend backend_csv = {
	.name = "csv",
	.extensions = "csv",
	.summary = "every sample as a line: profile, series, seconds, epoch, mib",
	.export = draw,
};
