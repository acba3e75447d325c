/* A recording that is looked at while it goes on: what it holds now, what has become of it, and
 * when it is to be looked at again, so that looking costs next to nothing. */
#pragma once

#include <stdint.h>

#include "plotter/live/follow.h"
#include "plotter/live/view.h"
#include "plotter/live/watch.h"

struct session {
	struct follow follow;
	struct figures figures;
	growth_own own;
	enum view_state state;
	double silence;
	char end[VIEW_MESSAGE];
	struct watch watch;
	char note[VIEW_MESSAGE]; /* what has befallen the file; "": nothing. Whoever has said it
				    empties it. */
	bool lost;               /* it has no name any more */
	int64_t changed;         /* monotonic ns: when there was more of it last */
	int64_t due;             /* not before that it is read */
	int64_t outlook_due;
};

int64_t session_now(void); /* monotonic ns */

/* Opens and reads it. 0 or -errno; session_close in any case. `path` and `own` outlive it. */
int session_open(struct session *session, const char *path, growth_own own);
void session_close(struct session *session);

/* Looks whether there is more. 1: there is something new to be shown; 0: not; or -errno, upon which
 * only session_close may follow. */
int session_step(struct session *session, int64_t now);

/* Milliseconds until it is to be looked at, unless the watch is readable before. */
int session_wait(struct session *session, int64_t now);

/* It is over: it has ended, or breaks off. */
static inline bool session_is_over(const struct session *session)
{
	return session->state != VIEW_RECORDING;
}

struct view_of session_view(const struct session *session);
