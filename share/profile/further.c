/* PEAK, VAL and GPU: figures beside the samples. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 32 }; /* metrics, and devices */

static int add_further(const struct loading *l, struct profile_series *series,
		       const struct profile_record *record)
{
	if (!loading_shows(l, record->at.us))
		return 0;
	if (series->columns.limit == 0)
		series->columns.limit = l->profile.memory.columns.limit;
	return series_add(series, &record->at, 1);
}

static int take_peak(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	uint64_t before = p->peaks.samples;
	int r = add_further(l, &p->peaks, record);
	if (r == 0 && p->peaks.samples > before && record->at.umib > p->highest.umib)
		p->highest = (struct profile_span){ record->at.umib, record->since, record->at.us };
	return r;
}

static int take_value(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	size_t at = 0;
	while (at < p->n_values && strcmp(p->values[at].metric, record->text) != 0)
		at++;
	if (at == MOST)
		return 0;
	if (at == p->n_values) {
		char *metric = strdup(record->text);
		struct profile_value *value =
			metric ? array_more(&p->values, &p->n_values, sizeof *value) : NULL;
		if (!value) {
			free(metric);
			return -ENOMEM;
		}
		value->metric = metric;
	}
	return add_further(l, &p->values[at].series, record);
}

static int take_gpu(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	size_t at = 0;
	while (at < p->n_gpus && strcmp(p->gpus[at].device, record->text) != 0)
		at++;
	if (at == MOST)
		return 0;
	if (at == p->n_gpus) {
		char *device = strdup(record->text);
		struct profile_gpu *gpu =
			device ? array_more(&p->gpus, &p->n_gpus, sizeof *gpu) : NULL;
		if (!gpu) {
			free(device);
			return -ENOMEM;
		}
		gpu->device = device;
	}
	if (!loading_shows(l, record->at.us))
		return 0;
	p->gpus[at].whole_device |= record->whole_device;
	struct sample *peak =
		record->whole_device ? &p->gpus[at].device_peak : &p->gpus[at].tree_peak;
	if (peak->us == 0 || record->at.umib > peak->umib)
		*peak = record->at;
	return add_further(l, &p->gpus[at].series, record);
}

static void drop(struct profile *p)
{
	columns_free(&p->peaks.columns);
	p->peaks = (struct profile_series){ 0 };
	p->highest = (struct profile_span){ 0 };
	for (size_t i = 0; i < p->n_values; i++) {
		columns_free(&p->values[i].series.columns);
		free(p->values[i].metric);
	}
	for (size_t i = 0; i < p->n_gpus; i++) {
		columns_free(&p->gpus[i].series.columns);
		free(p->gpus[i].device);
	}
	free(p->values);
	free(p->gpus);
	p->values = NULL;
	p->gpus = NULL;
	p->n_values = p->n_gpus = 0;
}

static int take(struct loading *l, const struct profile_record *record)
{
	return record->kind == PROFILE_PEAK  ? take_peak(l, record)
	       : record->kind == PROFILE_VAL ? take_value(l, record)
					     : take_gpu(l, record);
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct loading_part loading_further = {
	.kinds = 1u << PROFILE_PEAK | 1u << PROFILE_VAL | 1u << PROFILE_GPU,
	.take = take,
	.begin = begin,
	.free = drop,
};
