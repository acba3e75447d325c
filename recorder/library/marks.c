#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/library/registry.h"

/* An open call of this thread, innermost first. */
struct call {
	struct call *outer;
	struct sample from;
	int level;
	size_t depth;
	char name[];
};

/* Calls are counted also where nobody wants them, so that a recorder that starts or ends in between
 * takes no call's end for another's. */
static _Thread_local struct {
	size_t depth;
	struct call *innermost;
} calls;

static struct sample here(void)
{
	registry_lock();
	int64_t now = registry_now();
	registry_unlock();
	return (struct sample){ now, sample_umib(mprof_rss()) };
}

static int result(int e)
{
	if (e < 0)
		errno = -e;
	return e < 0 ? -1 : 0;
}

static bool nobody_listens(void)
{
	return atomic_load_explicit(&registry_places, memory_order_relaxed) == 0;
}

static int tell(int (*put)(struct profile_writer *writer, const void *what), const void *what)
{
	registry_lock();
	int e = atomic_load(&registry_places) ? registry_put(put, what) : 0;
	registry_unlock();
	return result(e);
}

static int put(struct profile_writer *writer, const void *record)
{
	return profile_put(writer, record);
}

/* ---- marks ---- */

int mprof_mark(const char *label)
{
	if (!label)
		return result(-EINVAL);
	if (nobody_listens())
		return 0;
	return tell(put,
		    &(struct profile_record){ .kind = PROFILE_MARK, .at = here(), .text = label });
}

/* ---- calls ---- */

int mprof_enter(const char *name)
{
	if (!name || !*name)
		return result(-EINVAL);
	size_t depth = calls.depth++;
	if (nobody_listens())
		return 0;
	size_t size = strlen(name) + 1;
	struct call *call = malloc(sizeof *call + size), *outer = calls.innermost;
	if (!call)
		return result(-ENOMEM);
	*call = (struct call){ outer, here(), outer ? outer->level + 1 : 0, depth };
	memcpy(call->name, name, size);
	calls.innermost = call;
	return tell(put, &(struct profile_record){
				 .kind = PROFILE_ENTER,
				 .function = call->name,
				 .at = call->from,
				 .level = call->level,
				 .thread = gettid(),
			 });
}

int mprof_leave(void)
{
	struct call *call = calls.innermost;
	if (calls.depth == 0)
		return result(-EINVAL);
	calls.depth--;
	if (!call || call->depth != calls.depth)
		return 0; /* nobody wanted to know of its beginning */
	struct sample end = here();
	if (end.us < call->from.us)
		end.us = call->from.us; /* it began on the clock of another recording */
	int r = tell(put, &(struct profile_record){
				  .kind = PROFILE_FUNC,
				  .function = call->name,
				  .at = call->from,
				  .end = end,
				  .level = call->level,
			  });
	calls.innermost = call->outer;
	free(call);
	return r;
}
