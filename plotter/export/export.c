#include "plotter/export/export.h"

#include <math.h>

/* As profile_load tells what is inside a window. */
struct export export_of(const struct export *of, const struct profile *const profiles[], size_t i)
{
	struct export one = *of;
	one.profile = profiles[i];
	one.span = i;
	return one;
}

bool export_shows(const struct export *export, int64_t us)
{
	int64_t start = export->profile->start_us;
	return export->from == export->to || (us >= start + llround(export->from * 1e6) &&
					      us <= start + llround(export->to * 1e6));
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct export *export = context;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		if (export_shows(export, samples[i].us))
			r = export->on_sample(export, &samples[i]);
	return r;
}

static int on_record(void *context, const struct profile_record *record)
{
	struct export *export = context;
	return export_shows(export, record->at.us) ? export->on_record(export, record) : 0;
}

int export_samples(struct export *export, enum profile_kind kind)
{
	static const struct profile_sink sink = { on_samples, on_record };
	return spool_replay(export->spool, export->span, kind, &sink, export);
}

int64_t export_bytes(int64_t umib)
{
	enum { PAGE = 4096, MIB = 1 << 20, MILLION = 1000000 };
	uint64_t of = umib < 0 ? -(uint64_t)umib : (uint64_t)umib;
	uint64_t bytes = of / MILLION * MIB + (of % MILLION * MIB + MILLION / 2) / MILLION;
	uint64_t page = (bytes + PAGE / 2) / PAGE * PAGE;
	if (bytes > INT64_MAX - PAGE)
		bytes = INT64_MAX;
	else if ((uint64_t)sample_umib(page) - of + 1 <= 2) /* whichever way it was rounded */
		bytes = page;
	return umib < 0 ? -(int64_t)bytes : (int64_t)bytes;
}

/* By hand: printf would take most of the time. */
void export_millionths(FILE *out, int64_t value)
{
	char text[32], *at = text + sizeof text;
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	for (int i = 0; i < 6; i++, magnitude /= 10)
		*--at = (char)('0' + magnitude % 10);
	*--at = '.';
	do
		*--at = (char)('0' + magnitude % 10);
	while (magnitude /= 10);
	if (value < 0)
		*--at = '-';
	fwrite(at, 1, (size_t)(text + sizeof text - at), out);
}
