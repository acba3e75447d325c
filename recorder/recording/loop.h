/* The loop: samples at each tick into the writer, passes signals on, and sees the target's end at
 * once, since what it sleeps on is the target itself. */
#pragma once

#include "recorder/recording/recording.h"

/* What family_open is to tell. */
struct family_watcher loop_watcher(struct recording *recording);

/* Until the target ends; an adopted one also until the timeout, a signal or a failed write. The
 * sampler is started; the family is open, or without a member when nothing can be measured. */
void loop_run(struct recording *recording);
