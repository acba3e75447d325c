/* ENTER and FUNC records of calls, on their way to the recording. */
#pragma once

#include "share/profile/sample.h"

void records_enter(const char *name, struct sample at, int level);
void records_leave(const char *name, struct sample from, struct sample to, int level);
void records_forked(void);
