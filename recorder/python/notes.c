#include "recorder/python/notes.h"

#include <stddef.h>

#include "recorder/python/shared.h"
#include "recorder/python/wish.h"
#include "share/fault.h"

static const struct {
	unsigned note;
	const char *sentence;
} sentences[] = {
	{ AGENT_SAW_TOOLS, "the lines of some Python could not be counted: sys.monitoring had no "
			   "number left for another tool" },
	{ AGENT_SAW_THREADED, "a free-threaded Python cannot be seen from inside" },
	{ AGENT_SAW_OLD, "a Python before 3.9 cannot be seen from inside" },
	{ AGENT_SAW_STRANGE,
	  "a Python could not be seen from inside: it lacks what its version has" },
	{ AGENT_SAW_INTERPRETERS,
	  "of a process with several Python interpreters only the first was "
	  "seen from inside" },
	{ AGENT_SAW_STREAM,
	  "nothing was written to the stream of @profile(stream=...): lines are counted by "
	  "mprof-c line" },
	{ AGENT_SAW_FULL, "some lines are missing: there was no room for more counters" },
};

static void say_bare(const struct agent_shared *shared)
{
	unsigned n = atomic_load(&shared->n_bare);
	for (unsigned i = 0; i < n && i < AGENT_BARE; i++)
		warning("@profile on %.*s counts nothing: there is no Python function in it",
			AGENT_TEXT - 1, shared->bare[i]);
	if (n > AGENT_BARE)
		warning("@profile counts nothing on %u more", n - AGENT_BARE);
}

void notes_say(const struct agent_shared *shared)
{
	unsigned notes = atomic_load(&shared->notes);
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (notes & sentences[i].note)
			warning("%s", sentences[i].sentence);
	say_bare(shared);
	if (notes & AGENT_SAW_TRACER)
		warning("lines are missing where %.*s was tracing: before Python 3.12 there is one "
			"tracer at a time, and it was left alone",
			AGENT_TEXT - 1, shared->tracer);
	if (notes & AGENT_SAW_BREAK)
		notice("the limit of --break-at was reached %.*s", AGENT_TEXT - 1,
		       shared->broke_at);
	if (atomic_load(&shared->attached) == 0 &&
	    !(notes & (AGENT_SAW_THREADED | AGENT_SAW_OLD | AGENT_SAW_STRANGE)))
		warning("nothing was seen from inside: the program ran no CPython 3.9 or later "
			"that "
			"was started as a program of its own");
}

void notes_say_card(const struct agent_shared *shared)
{
	unsigned notes = atomic_load(&shared->notes);
	if (notes & AGENT_SAW_OLD_TORCH)
		notice("that a GPU had no memory left was only seen if it ended the program: "
		       "else it takes torch 2.1 or later");
	else if (notes & AGENT_SAW_BARE_TORCH)
		notice("that a GPU had no memory left was only seen if it ended the program: "
		       "this torch has nothing to watch it with");
}

void notes_say_unmatched(const struct agent_wish *wish, const struct agent_shared *shared)
{
	if (atomic_load(&shared->attached) == 0 || atomic_load(&shared->registered) > 0 ||
	    atomic_load(&shared->n_bare) > 0)
		return;
	if (wish->functions.n > 0 || wish->listed.n > 0)
		warning("no function was looked at: none that the program loaded has such a name, "
			"which is module.function, and of methods module.Class.method");
	else if (wish->lines || wish->break_at > 0)
		warning("no function was looked at: mark one with @profile, or name it with "
			"--func");
}
