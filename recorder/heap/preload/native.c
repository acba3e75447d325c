#include "recorder/heap/preload/native.h"

#include <unwind.h>

enum { MOST = 256 }; /* frames, looking for a signal's */

struct walk {
	struct native *native;
	const struct object *until;
	size_t frames;
};

static const struct object *own(void)
{
	static struct object object;
	if (!object.high)
		object_find(&object, (const void *)(uintptr_t)native_read);
	return &object;
}

/* In a frame that was interrupted, the address is of the instruction itself. */
static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *state)
{
	struct walk *walk = state;
	int interrupted = 0;
	uintptr_t address = _Unwind_GetIPInfo(context, &interrupted);
	const void *code = (const void *)address;
	if (!address || object_holds(own(), code))
		return _URC_NO_REASON;
	walk->native->in_signal |= interrupted != 0;
	if (walk->until && object_holds(walk->until, code))
		return _URC_NORMAL_STOP;
	if (walk->native->n == NATIVE_PLACES) {
		walk->native->more = true;
		return _URC_NORMAL_STOP;
	}
	walk->native->addresses[walk->native->n++] = address;
	return _URC_NO_REASON;
}

void native_read(struct native *native, const struct object *until)
{
	struct walk walk = { .native = native, .until = until };
	native->n = 0;
	native->more = native->in_signal = false;
	_Unwind_Backtrace(step, &walk);
}

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *state)
{
	struct walk *walk = state;
	int interrupted = 0;
	_Unwind_GetIPInfo(context, &interrupted);
	walk->native->in_signal |= interrupted != 0;
	return ++walk->frames < MOST && !interrupted ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

bool native_in_signal(void)
{
	struct native native = { 0 };
	struct walk walk = { .native = &native };
	_Unwind_Backtrace(look, &walk);
	return native.in_signal || walk.frames >= MOST;
}
