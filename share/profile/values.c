#include <errno.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 32 }; /* metrics, and devices */

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
	return series_add_beside(l, &p->values[at].series, record->at);
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
	if (!is_wanted(l, record->at.us))
		return 0;
	struct profile_gpu *gpu = &p->gpus[at];
	gpu->whole_device |= record->whole_device;
	struct sample *peak = record->whole_device ? &gpu->device_peak : &gpu->tree_peak;
	if (peak->us == 0 || record->at.umib > peak->umib)
		*peak = record->at;
	return series_add_beside(l, &gpu->series, record->at);
}

static int copy_values(struct profile *to, const struct profile *from)
{
	to->values = copy_of(from->values, from->n_values, sizeof *to->values);
	for (size_t i = 0; to->values && i < from->n_values; i++) {
		const struct profile_value *value = &from->values[i];
		to->n_values++;
		to->values[i].metric = strdup(value->metric);
		if (series_copy(&to->values[i].series, &value->series) < 0 || !to->values[i].metric)
			return -ENOMEM;
	}
	return to->n_values == from->n_values ? 0 : -ENOMEM;
}

static int copy(struct profile *to, const struct profile *from)
{
	to->gpus = copy_of(from->gpus, from->n_gpus, sizeof *to->gpus);
	for (size_t i = 0; to->gpus && i < from->n_gpus; i++) {
		const struct profile_gpu *gpu = &from->gpus[i];
		to->n_gpus++;
		to->gpus[i].device = strdup(gpu->device);
		if (series_copy(&to->gpus[i].series, &gpu->series) < 0 || !to->gpus[i].device)
			return -ENOMEM;
	}
	return to->n_gpus == from->n_gpus ? copy_values(to, from) : -ENOMEM;
}

static void drop(struct profile *p)
{
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

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct part part_values = {
	.takes = { { PROFILE_VAL, take_value }, { PROFILE_GPU, take_gpu } },
	.beside = true,
	.begin = begin,
	.copy = copy,
	.drop = drop,
};
