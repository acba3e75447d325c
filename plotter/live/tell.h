/* A recording under way, where there is no terminal: a line now and then, of plain characters. */
#pragma once

#include <stdio.h>

#include "plotter/live/session.h"

/* "12.3 s  now 812.4 MiB  exact peak 1.20 GiB  40 % of 2.00 GiB allowed  +31.2 MiB/min in the last
 * 60 s", without the end of the line. */
void tell_put(FILE *out, const struct session *session);

/* Until it is over. The exit status. */
int tell(struct session *session, double interval);
