/* What runs, from 3.12 on: sys.monitoring. */
#pragma once

#include "recorder/python/agent/subject.h"

void monitoring_open(void);
void monitoring_watch(struct subject *subject);
