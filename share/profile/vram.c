/* VRAM: by whom, and where, the memory of GPUs changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum { MOST_DEVICES = 64, MOST_TAKEN = 4096, MOST_STEPS = 8192 };

/* Its index; -ENOMEM, or -ENOSPC beyond the bound. */
static int device_of(struct profile_vram *v, const char *name)
{
	for (size_t i = 0; i < v->n_devices; i++)
		if (strcmp(v->devices[i], name) == 0)
			return (int)i;
	if (v->n_devices == MOST_DEVICES)
		return -ENOSPC;
	char *copy = loading_text(name);
	char **device = copy ? array_more(&v->devices, &v->n_devices, sizeof *device) : NULL;
	if (!device) {
		free(copy);
		return -ENOMEM;
	}
	*device = copy;
	return (int)v->n_devices - 1;
}

/* Those beyond the bound go by the device's frame 0. */
static struct profile_taken *taken_of(struct profile_vram *v, size_t device, size_t frame)
{
	for (size_t i = 0; i < v->n_taken; i++)
		if (v->taken[i].device == device && v->taken[i].frame == frame)
			return &v->taken[i];
	if (v->n_taken >= MOST_TAKEN && frame != 0)
		return taken_of(v, device, 0);
	struct profile_taken *new = array_more(&v->taken, &v->n_taken, sizeof *new);
	if (new)
		*new = (struct profile_taken){ .device = device, .frame = frame };
	return new;
}

static int add_step(struct profile_vram *v, const struct profile_vram_step *step)
{
	if (v->n_steps == MOST_STEPS)
		return 0;
	struct profile_vram_step *new = array_more(&v->steps, &v->n_steps, sizeof *new);
	if (!new)
		return -ENOMEM;
	*new = *step;
	return 0;
}

static int take(struct loading *l, const struct profile_record *record)
{
	struct profile_vram *v = &l->profile.vram;
	int device = device_of(v, record->device);
	if (device == -ENOSPC)
		return 0;
	size_t frame = growth_frame_of(&l->growth, record->frame);
	struct profile_taken *taken = device < 0 ? NULL : taken_of(v, (size_t)device, frame);
	if (!taken)
		return -ENOMEM;
	taken->net = sum_of(taken->net, record->increment);
	taken->grew = sum_of(taken->grew, record->increment > 0 ? record->increment : 0);
	taken->steps++;
	return add_step(v, &(struct profile_vram_step){ .us = record->at.us,
							.umib = record->increment,
							.pid = record->pid,
							.device = (size_t)device,
							.frame = frame });
}

static void drop(struct profile *p)
{
	struct profile_vram *v = &p->vram;
	for (size_t i = 0; i < v->n_devices; i++)
		free(v->devices[i]);
	free(v->devices);
	free(v->taken);
	free(v->steps);
	*v = (struct profile_vram){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct loading_part loading_vram = {
	.kinds = 1u << PROFILE_VRAM,
	.take = take,
	.begin = begin,
	.free = drop,
};
