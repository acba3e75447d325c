/* https://profiler.firefox.com: counters for the curves, growth by line as native allocations,
 * marks and calls as markers. */
#include "plotter/export/firefox.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/export/clock.h"
#include "share/json.h"
#include "share/version.h"

/* ---- the head ---- */

static const char schemas[] =
	"\"markerSchema\":[\n"
	"{\"name\":\"mprof-mark\",\"display\":[\"marker-chart\",\"marker-table\","
	"\"timeline-overview\",\"timeline-memory\"],"
	"\"chartLabel\":\"{marker.name}\",\"tooltipLabel\":\"{marker.name}\","
	"\"tableLabel\":\"{marker.name}\",\"description\":\"A moment with a name\","
	"\"fields\":[{\"key\":\"held\",\"label\":\"held then\",\"format\":\"bytes\"}]},\n"
	"{\"name\":\"mprof-call\",\"display\":[\"marker-chart\",\"marker-table\"],"
	"\"chartLabel\":\"{marker.name}\",\"tooltipLabel\":\"{marker.name}\","
	"\"tableLabel\":\"{marker.name}\",\"description\":\"A call of a function\","
	"\"fields\":[{\"key\":\"entry\",\"label\":\"held at entry\",\"format\":\"bytes\"},"
	"{\"key\":\"exit\",\"label\":\"held at exit\",\"format\":\"bytes\"},"
	"{\"key\":\"end\",\"label\":\"end\",\"format\":\"string\"}]},\n"
	"{\"name\":\"mprof-process\",\"display\":[\"marker-chart\",\"marker-table\"],"
	"\"chartLabel\":\"{marker.name}\",\"tooltipLabel\":\"{marker.name}\","
	"\"tableLabel\":\"{marker.name}\",\"description\":\"A descendant\","
	"\"fields\":[{\"key\":\"process\",\"label\":\"pid\",\"format\":\"string\"},"
	"{\"key\":\"peak\",\"label\":\"its exact peak\",\"format\":\"bytes\"},"
	"{\"key\":\"status\",\"label\":\"exit status\",\"format\":\"string\"},"
	"{\"key\":\"end\",\"label\":\"end\",\"format\":\"string\"}]}]";

static const char categories[] =
	"\"categories\":[{\"name\":\"Other\",\"color\":\"grey\",\"subcategories\":[\"Other\"]},"
	"{\"name\":\"Python\",\"color\":\"yellow\",\"subcategories\":[\"Other\"]},"
	"{\"name\":\"Native\",\"color\":\"blue\",\"subcategories\":[\"Other\"]},"
	"{\"name\":\"Call\",\"color\":\"green\",\"subcategories\":[\"Other\"]},"
	"{\"name\":\"Mark\",\"color\":\"orange\",\"subcategories\":[\"Other\"]},"
	"{\"name\":\"Process\",\"color\":\"purple\",\"subcategories\":[\"Other\"]}]";

static double interval_of(const struct profile *profile)
{
	const char *text = profile_setting(profile, "interval");
	double seconds = text ? atof(text) : 0;
	return seconds > 1e-6 && seconds < 1e6 ? seconds * 1000 : 100;
}

static void put_meta(struct firefox *f)
{
	const struct profile *first = f->parts[0].export.profile;
	const struct firefox_part *last = &f->parts[0];
	for (size_t i = 1; i < f->n; i++)
		if (profile_end_us(f->parts[i].export.profile) + f->parts[i].shift >
		    profile_end_us(last->export.profile) + last->shift)
			last = &f->parts[i];
	fprintf(f->out, "{\"meta\":{\"interval\":%.6g,\"startTime\":%lld.%03d", interval_of(first),
		(long long)(f->zero / 1000), (int)(f->zero % 1000));
	fputs(",\"profilingStartTime\":0,\"profilingEndTime\":", f->out);
	firefox_time(f, last, profile_end_us(last->export.profile) + 1);
	fprintf(f->out,
		",\"processType\":0,\"stackwalk\":0,\"version\":31,"
		"\"preprocessedProfileVersion\":60,\"importedFrom\":\"mprof-c %s\",\"product\":",
		MPROF_VERSION);
	json_text(f->out, f->n == 1 && first->command ? first->command : first->path);
	fprintf(f->out,
		",\"debug\":false,\"symbolicated\":true,\"symbolicationNotSupported\":true,"
		"\"usesOnlyOneStackType\":true,\"keepProfileThreadOrder\":true,"
		"\"initialVisibleThreads\":[0],\"initialSelectedThreads\":[0],\n%s,\n%s},\n"
		"\"libs\":[],\"pages\":[]",
		categories, schemas);
}

static int put_file(struct firefox *f)
{
	long r = firefox_string(f, "…");
	put_meta(f);
	r = r < 0 ? r : firefox_counters(f);
	r = r < 0 ? r : firefox_threads(f);
	r = r < 0 ? r : firefox_shared(f);
	fputs("}\n", f->out);
	return r < 0 ? (int)r : 0;
}

/* ---- the recordings ---- */

static int open_parts(struct firefox *f, const struct export *of,
		      const struct profile *const profiles[])
{
	int64_t *shift = calloc(f->n, sizeof *shift);
	int r = shift && f->parts ? 0 : -ENOMEM;
	if (shift)
		clock_align(profiles, f->n, shift);
	for (size_t i = 0; i < f->n && r == 0; i++) {
		struct firefox_part *part = &f->parts[i];
		part->export = export_of(of, profiles, i);
		part->shift = shift[i];
		if (i == 0 || profiles[i]->start_us + shift[i] < f->zero)
			f->zero = profiles[i]->start_us + shift[i];
		r = stacks_open(&part->stacks, &part->export);
	}
	free(shift);
	return r;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	struct firefox f = { .out = of->out,
			     .n = n,
			     .parts = calloc(n, sizeof *f.parts),
			     .aside = tmpfile(),
			     .separator = "" };
	int r = f.aside ? open_parts(&f, of, profiles) : -errno;
	r = r ? r : put_file(&f);
	for (size_t i = 0; i < n && f.parts; i++)
		stacks_close(&f.parts[i].stacks);
	free(f.parts);
	free(f.processes);
	names_free(&f.strings);
	if (f.aside)
		fclose(f.aside);
	return r;
}

const struct backend backend_firefox = {
	.name = "firefox",
	.extensions = "firefox.json",
	.summary = "for profiler.firefox.com: curves, growth by line, marks, calls, processes",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
};
