/* What a recorder answers when it is asked, while it runs and afterwards. */
#pragma once

#include "recorder/library/recorder.h"

/* mprof_samples, with a copy, where it is one, that is the caller's: *copy is NULL or an earlier
 * one, and to be freed. */
size_t answers_samples(struct mprof_recorder *recorder, struct mprof_sample **copy,
		       const struct mprof_sample **samples);

/* Both with the registry's lock. */
bool answers_is_gone(struct mprof_recorder *recorder);
void answers_summary(struct mprof_recorder *recorder, struct mprof_summary *summary);
