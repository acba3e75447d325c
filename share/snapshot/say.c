#include <errno.h>
#include <string.h>

#include "share/fault.h"
#include "share/profile/sum.h"
#include "share/snapshot/print.h"

int snapshot_say(const struct snapshot *s, const char *path, int error)
{
	switch (-error) {
	case ENODATA: return fault(STATUS_FAULT, "%s is cut off: it ends at %s", path, s->why);
	case ENOTSUP:
		return fault(STATUS_FAULT,
			     "%s is a pickle, but no memory snapshot of torch: it makes objects of "
			     "classes (%s); nothing of it was executed",
			     path, s->why);
	case EPROTO: return fault(STATUS_FAULT, "%s is damaged, or no pickle, at %s", path, s->why);
	case E2BIG:
		return fault(STATUS_FAULT,
			     "%s has more, or deeper, than any memory snapshot of torch, at %s",
			     path, s->why);
	case EINVAL:
		return fault(STATUS_FAULT, "%s is a pickle, but no memory snapshot of torch", path);
	case EBADMSG:
		return fault(STATUS_FAULT,
			     "cannot read %s: damaged: what is compressed in it cannot be unpacked",
			     path);
	default: return fault(STATUS_FAULT, "cannot read %s: %s", path, strerror(-error));
	}
}

/* ---- words ---- */

static const struct {
	const char *told, *key;
} deeds[N_PLACES_DEEDS] = {
	[PLACES_ELSE] = { "other code", "other" },
	[PLACES_FORWARD] = { "the forward of torch's modules", "forward" },
	[PLACES_BACKWARD] = { "the backward", "backward" },
	[PLACES_OPTIMIZER] = { "an optimizer", "optimizer" },
	[PLACES_MODULE] = { "making or moving a module", "module" },
};

const char *snapshot_deed(enum places_deed deed)
{
	return deeds[deed].told;
}

const char *snapshot_deed_key(enum places_deed deed)
{
	return deeds[deed].key;
}

/* torch has given back by then what it could: whole segments. What blocks take beyond what was
 * asked for counts as unused here, so a little more is no sign. */
bool snapshot_was_in_pieces(const struct device *d)
{
	int64_t unused = sum_of(device_reserved_at_oom(d), -device_at_oom(d));
	int64_t rounding = sum_of(d->allocated, -d->requested);
	return d->ooms > 0 && sum_of(unused, -rounding) > d->oom.wanted;
}

static bool has_history(const struct snapshot *s)
{
	for (size_t i = 0; i < SNAPSHOT_DEVICES; i++)
		if (device_has_history(&s->devices[i]))
			return true;
	return false;
}

static bool all(const struct snapshot *s, bool (*is)(const struct device *device))
{
	for (size_t i = 0; i < SNAPSHOT_DEVICES; i++)
		if (!is(&s->devices[i]))
			return false;
	return true;
}

void snapshot_notes(const struct snapshot *s, const char *notes[SNAPSHOT_NOTES])
{
	size_t n = 0;
	if (!has_history(s))
		notes[n++] = "It has no history, so what was held before is not told: that is "
			     "recorded from a call of torch.cuda.memory._record_memory_history() "
			     "on.";
	else
		notes[n++] = "The peak is that of its history, which begins where it was switched "
			     "on, or where it was full and the oldest events went; before that it "
			     "may have been higher. Reckoned back from what is held now, in bytes "
			     "asked for, which torch rounds up.";
	if (!s->stacks)
		notes[n++] =
			"It has no stacks, so no line is told, and nothing of what is data and "
			"what is model: torch.cuda.memory._record_memory_history(stacks="
			"\"python\") records them.";
	else
		notes[n++] = "The line is the innermost of your own on the stack that allocated; "
			     "what was under way is told by torch's own frames inside of that, and "
			     "does not tell weights, gradients and activations apart.";
	if (s->unrequested)
		notes[n++] = "Its layout is an old one, in which blocks do not tell what was asked "
			     "for: what they take stands for that.";
	if (!all(s, device_adds_up))
		notes[n++] = "Its figures do not agree: its blocks do not come to what its "
			     "segments are said to have, so it may be damaged, and no sum of it "
			     "is to be relied on.";
	if (!all(s, device_agrees))
		notes[n++] =
			"Its history and its segments do not agree: more was allocated, and not "
			"freed, than is held; the figures of the peak are estimates.";
	if (s->places.full)
		notes[n++] = "It names more places than are kept: some have no stack here.";
	notes[n] = NULL;
}
