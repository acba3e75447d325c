/* A recording under way, where there is no terminal: a line now and then, of plain characters. */
#pragma once

#include "plotter/live/session.h"

/* Until it is over. The exit status. */
int tell(struct session *session, double interval);
