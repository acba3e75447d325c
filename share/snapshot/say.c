#include <errno.h>
#include <string.h>

#include "share/fault.h"
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

void snapshot_notes(const struct snapshot *s, const char *notes[SNAPSHOT_NOTES])
{
	size_t n = 0;
	if (s->n_events == 0)
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
	if (s->places.full)
		notes[n++] = "It names more places than are kept: some have no stack here.";
	notes[n] = NULL;
}
