#include "recorder/gpu/judge.h"

#include <errno.h>

enum {
	NOISE = 1 << 20, /* bytes that a device's use moves by itself */
	PATIENCE = 3,    /* readings: a process is listed a little after it took its first memory */
	BLIND = 10,      /* readings: the same where the use was there already at the first one */
	ERRORS = 3,      /* in a row */
};

static bool has_moved(const struct gpu_series *s, const struct gpu_reading *r)
{
	return s->any && r->used > s->baseline + NOISE;
}

bool gpu_is_unexplained(const struct gpu_series *s, const struct gpu_reading *r)
{
	return !s->matched && s->scope == GPU_UNTOLD && r->share == GPU_NOBODY && r->has_used &&
	       (r->blind || has_moved(s, r));
}

static void judge_fallback(struct gpu_series *s, const struct gpu_reading *r, bool opens)
{
	bool hidden = r->share == GPU_HIDDEN && r->has_used;
	unsigned patience = has_moved(s, r) ? PATIENCE : BLIND;
	s->foreign = gpu_is_unexplained(s, r) && opens ? s->foreign + 1 : 0;
	if (hidden || s->foreign >= patience)
		s->scope = GPU_OF_DEVICE;
}

enum gpu_scope gpu_judge(struct gpu_series *s, enum gpu_mode mode, const struct gpu_reading *r,
			 bool opens)
{
	s->errors = 0;
	if (!s->any)
		s->baseline = r->used;
	s->any = true;
	s->matched &= !r->doubted;
	if (r->doubted && mode == GPU_TREE) {
		s->scope = GPU_UNTOLD;
	} else if (mode == GPU_DEVICE) {
		s->scope = r->has_used ? GPU_OF_DEVICE : GPU_UNTOLD;
	} else if (r->share == GPU_SHARE && r->mine > 0) {
		s->matched = true;
		s->scope = GPU_OF_TREE;
	} else if ((mode == GPU_AUTO || mode == GPU_ON) && !s->matched) {
		judge_fallback(s, r, opens);
	}
	return s->scope;
}

bool gpu_fails(struct gpu_series *s, const struct gpu_reading *r)
{
	s->errors++;
	s->ended = r->error == -ENODEV || s->errors >= ERRORS;
	return s->ended;
}
