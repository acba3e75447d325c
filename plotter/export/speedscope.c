/* https://www.speedscope.app: weights are bytes by line, calls are events in time. It has no
 * curves, so a recording with neither has nothing to show there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/export/lanes.h"
#include "plotter/export/stacks.h"
#include "share/json.h"
#include "share/version.h"

enum { DEEPEST = 512, NAME = 512 };

static bool is_empty; /* of the last recordings: there was nothing to be shown */

/* What a recording brings. */
struct part {
	struct export export;
	struct stacks stacks;
	struct lanes lanes;
	size_t first_place, first_function; /* indexes of the frames that are shared by all */
};

struct scope {
	FILE *out;
	struct part *parts;
	size_t n, n_frames;
	const char *separator;
};

static void separate(struct scope *s)
{
	fputs(s->separator, s->out);
	s->separator = ",\n";
}

static void put_frame(struct scope *s, const char *name, const char *file, int line)
{
	separate(s);
	fputs("{\"name\": ", s->out);
	json_text(s->out, name);
	if (file) {
		fputs(", \"file\": ", s->out);
		json_text(s->out, file);
	}
	if (line > 0)
		fprintf(s->out, ", \"line\": %d", line);
	fputc('}', s->out);
	s->n_frames++;
}

/* The first frame of all stands for those that are left out of a stack. */
static int put_frames(struct scope *s)
{
	put_frame(s, "…", NULL, 0);
	for (size_t i = 0; i < s->n; i++) {
		struct part *part = &s->parts[i];
		part->first_place = s->n_frames;
		for (size_t k = 0; k < part->stacks.n_places; k++) {
			char *name = stacks_label(&part->stacks, k);
			if (!name)
				return -ENOMEM;
			put_frame(s, name, stacks_file(&part->stacks, k),
				  stacks_line(&part->stacks, k));
			free(name);
		}
		part->first_function = s->n_frames;
		const struct profile *p = part->export.profile;
		for (size_t k = 0; k < p->n_functions; k++)
			put_frame(s, p->functions[k].name, NULL, 0);
	}
	return 0;
}

/* "a.dat: where memory grew" */
static void begin_profile(struct scope *s, const struct part *part, const char *type,
			  const char *words)
{
	char name[NAME];
	const char *path = part->export.profile->path;
	if (s->n > 1)
		snprintf(name, sizeof name, "%s: %s", path, words);
	else
		snprintf(name, sizeof name, "%s", words);
	separate(s);
	fprintf(s->out, "{\"type\": \"%s\", \"name\": ", type);
	json_text(s->out, name);
}

/* ---- by line ---- */

static void put_stack(struct scope *s, const struct part *part, size_t frame)
{
	const struct stacks *of = &part->stacks;
	size_t room[DEEPEST], n = 0;
	bool placed = frame > 0;
	for (; frame > 0 && n < DEEPEST; frame = of->growth.frames[frame].caller)
		room[n++] = part->first_place + of->place_of[frame];
	if (!placed)
		room[n++] = part->first_place;
	separate(s);
	fputs(frame > 0 && placed ? "[0, " : "[", s->out);
	while (n-- > 0)
		fprintf(s->out, "%zu%s", room[n], n ? ", " : "");
	fputc(']', s->out);
}

static void put_stacks(struct scope *s, const struct part *part, enum stacks_of kind)
{
	const struct stacks *of = &part->stacks;
	const int64_t *figures = of->figures[kind];
	char words[STACKS_WORDS];
	int64_t sum = 0;
	if (!stacks_has(of, kind))
		return;
	begin_profile(s, part, "sampled", stacks_say(words, of, kind));
	fputs(", \"unit\": \"bytes\", \"samples\": [", s->out);
	s->separator = "\n";
	for (size_t i = 0; i < of->growth.n_frames; i++)
		if (figures[i] > 0)
			put_stack(s, part, i);
	fputs("],\n\"weights\": [", s->out);
	s->separator = "\n";
	for (size_t i = 0; i < of->growth.n_frames; i++) {
		if (figures[i] <= 0)
			continue;
		separate(s);
		int64_t bytes = export_bytes(figures[i]);
		fprintf(s->out, "%lld", (long long)bytes);
		sum = sum > INT64_MAX - bytes ? INT64_MAX : sum + bytes;
	}
	fprintf(s->out, "],\n\"startValue\": 0, \"endValue\": %lld}", (long long)sum);
	s->separator = ",\n";
}

/* ---- calls ---- */

struct lane {
	struct scope *scope;
	const struct part *part;
	int64_t first, last; /* µs; first 0: none yet */
};

static int put_event(void *context, const struct lane_call *call, bool begins)
{
	struct lane *lane = context;
	FILE *out = lane->scope->out;
	int64_t us = begins ? call->from.us : call->to.us;
	separate(lane->scope);
	fprintf(out, "{\"type\": \"%c\", \"frame\": %zu, \"at\": ", begins ? 'O' : 'C',
		lane->part->first_function + call->function);
	export_millionths(out, us - lane->part->export.profile->start_us);
	fputc('}', out);
	lane->first = lane->first == 0 ? us : lane->first;
	lane->last = us;
	return 0;
}

static int put_lane(struct scope *s, const struct part *part, size_t i)
{
	char words[NAME] = "calls", *at = words + strlen(words), *stop = words + NAME;
	struct lane lane = { .scope = s, .part = part };
	const struct profile *p = part->export.profile;
	if (part->lanes.n_lanes > 1)
		at += snprintf(at, (size_t)(stop - at), ", side by side: %zu of %zu", i + 1,
			       part->lanes.n_lanes);
	if (p->dropped_calls > 0)
		snprintf(at, (size_t)(stop - at), ", without the %llu shortest",
			 (unsigned long long)p->dropped_calls);
	begin_profile(s, part, "evented", words);
	fputs(", \"unit\": \"seconds\", \"events\": [", s->out);
	s->separator = "\n";
	int r = lanes_each(&part->lanes, i, put_event, &lane);
	fputs("],\n\"startValue\": ", s->out);
	export_millionths(s->out, lane.first - p->start_us);
	fputs(", \"endValue\": ", s->out);
	export_millionths(s->out, lane.last - p->start_us);
	fputc('}', s->out);
	s->separator = ",\n";
	return r;
}

/* ---- the file ---- */

static int put_profiles(struct scope *s)
{
	int r = 0;
	s->separator = "\n";
	for (size_t i = 0; i < s->n && r == 0; i++) {
		for (int kind = 0; kind < STACKS_KINDS; kind++)
			put_stacks(s, &s->parts[i], (enum stacks_of)kind);
		for (size_t k = 0; k < s->parts[i].lanes.n_lanes && r == 0; k++)
			r = put_lane(s, &s->parts[i], k);
	}
	return r;
}

static int put_file(struct scope *s)
{
	const struct profile *first = s->parts[0].export.profile;
	fprintf(s->out,
		"{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
		"\"exporter\": \"mprof-c %s\", \"activeProfileIndex\": 0, \"name\": ",
		MPROF_VERSION);
	json_text(s->out, s->n == 1 && first->command ? first->command : first->path);
	fputs(",\n\"shared\": {\"frames\": [", s->out);
	s->separator = "\n";
	int r = put_frames(s);
	fputs("]},\n\"profiles\": [", s->out);
	r = r ? r : put_profiles(s);
	fputs("]}\n", s->out);
	return r;
}

static bool has_any(const struct part *part)
{
	for (int kind = 0; kind < STACKS_KINDS; kind++)
		if (stacks_has(&part->stacks, (enum stacks_of)kind))
			return true;
	return part->lanes.n > 0;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	struct part *parts = calloc(n, sizeof *parts);
	int r = parts ? 0 : -ENOMEM;
	is_empty = true;
	for (size_t i = 0; i < n && r == 0; i++) {
		struct part *part = &parts[i];
		part->export = export_of(of, profiles, i);
		r = stacks_open(&part->stacks, &part->export);
		r = r ? r : lanes_make(&part->lanes, &part->export);
		is_empty &= r == 0 && !has_any(part);
	}
	r = r == 0 && is_empty ? -ENODATA : r;
	r = r ? r : put_file(&(struct scope){ .out = of->out, .parts = parts, .n = n });
	for (size_t i = 0; i < n && parts; i++) {
		stacks_close(&parts[i].stacks);
		lanes_free(&parts[i].lanes);
	}
	free(parts);
	return r;
}

static const char *complaint(void)
{
	return is_empty ? "speedscope shows growth by line, a sampled heap and calls, and there is "
			  "none of them"
			: "";
}

const struct backend backend_speedscope = {
	.name = "speedscope",
	.extensions = "speedscope.json",
	.summary = "for speedscope.app: growth by line, the sampled heap, calls",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
	.complaint = complaint,
};
