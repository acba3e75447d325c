/* What runs, from 3.9 to 3.11: the frame hook of PEP 523. */
#pragma once

#include "recorder/python/agent/subject.h"

void hook_open(void);
void hook_watch(struct subject *subject);
