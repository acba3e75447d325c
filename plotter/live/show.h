/* A recording under way, on the whole of a terminal, until somebody leaves it. */
#pragma once

#include "plotter/live/session.h"

struct show_options {
	bool ascii;  /* of characters, only these */
	bool beside; /* the recorder waits for us */
};

/* The exit status; below 0: of the signal that ended it, and for us to die of. */
int show(struct session *session, const struct show_options *options);
