#include "plotter/backend/export.h"

#include <inttypes.h>
#include <math.h>

/* As profile_load tells what is inside a window. */
bool export_shows(const struct export *export, int64_t us)
{
	int64_t start = export->profile->start_us;
	return export->from == export->to || (us >= start + llround(export->from * 1e6) &&
					      us <= start + llround(export->to * 1e6));
}

/* Earlier runs in the same file are not shown. */
static bool is_shown(const struct export *export, int64_t us)
{
	return export->runs >= export->profile->runs && export_shows(export, us);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct export *export = context;
	int r = 0;
	for (size_t i = 0; i < n && r == 0 && export->on_sample; i++)
		if (is_shown(export, samples[i].us))
			r = export->on_sample(export, &samples[i]);
	return r;
}

static bool is_sample(enum profile_kind kind)
{
	return kind == PROFILE_CHLD || kind == PROFILE_PEAK || kind == PROFILE_VAL ||
	       kind == PROFILE_GPU || kind == PROFILE_MARK;
}

static int on_record(void *context, const struct profile_record *record)
{
	struct export *export = context;
	export->runs += record->kind == PROFILE_CMDLINE;
	if (!export->on_record || !is_sample(record->kind) || !is_shown(export, record->at.us))
		return 0;
	return export->on_record(export, record);
}

int export_samples(struct export *export)
{
	static const struct profile_sink sink = { on_samples, on_record };
	struct profile_input input;
	struct profile_flaws flaws;
	export->runs = 0;
	const struct profile *profile = export->profile;
	int r = profile_open(&input, profile->copy ? profile->copy : profile->path);
	if (r < 0)
		return r;
	r = profile_read(&input, &sink, export, &flaws);
	profile_close(&input);
	return r;
}

void export_millionths(FILE *out, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	fprintf(out, "%s%" PRIu64 ".%06" PRIu64, value < 0 ? "-" : "", magnitude / 1000000,
		magnitude % 1000000);
}
