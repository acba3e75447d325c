/* One line on a terminal that shows other things too: what a recording comes to, until it is over.
 */
#pragma once

#include "plotter/live/session.h"

/* On standard output, a terminal that we were given by the recorder; it holds the other end of
 * standard input, and closes it when nothing is to be shown any more. The line is gone then.
 * STATUS_OK, or STATUS_FAULT without a word: nobody asked us. */
int line_show(struct session *session);
