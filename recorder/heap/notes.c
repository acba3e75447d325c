#include "recorder/heap/notes.h"

#include <stdio.h>
#include <string.h>

#include "share/fault.h"

static const struct {
	unsigned flag;
	const char *word, *sentence;
} lacks[] = {
	{ HEAP_SAW_FULL, "room",
	  "some of the heap is told without its lines: there was no room for more of them; a "
	  "larger --heap=BYTES needs less" },
	{ HEAP_SAW_ALLOCATOR, "allocator",
	  "a program had a malloc of its own, which cannot be seen: what it took is in no figure "
	  "of the heap" },
	{ HEAP_SAW_DISPLACED, "displaced",
	  "another library of LD_PRELOAD stood before libmprof-heap.so: what it took is in no "
	  "figure of the heap" },
	{ HEAP_SAW_OLD, "python",
	  "the lines of some Python could not be told: its heap is told by native functions" },
	{ HEAP_SAW_NEW, "new",
	  "the allocator of a program has an operator new of its own, which is not seen: what C++ "
	  "code took with it, if any ran, is in no figure of the heap" },
	{ HEAP_SAW_CONFINED, "confined",
	  "a program confined itself (seccomp): what it took after that is in no figure of the "
	  "heap" },
};

enum { N_LACKS = sizeof lacks / sizeof *lacks };

void notes_heap_put(const struct heap_probe *heap, struct recording *r)
{
	char words[128] = "", seen[16];
	snprintf(seen, sizeof seen, "%u", heap->met);
	for (size_t i = 0; i < N_LACKS; i++)
		if (heap->flags & lacks[i].flag)
			snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
				 *words ? "," : "", lacks[i].word);
	const struct profile_pair pairs[] = { { "heap_seen", seen }, { "heap_lacks", words } };
	profile_put_meta(&r->writer, pairs, *words ? 2 : 1);
}

void notes_heap_say(const struct heap_probe *heap, const struct recording *r)
{
	(void)r;
	for (size_t i = 0; i < N_LACKS; i++)
		if (heap->flags & lacks[i].flag)
			warning("%s", lacks[i].sentence);
	if (heap->met == 0 && heap->region.base) /* else it ended before anybody looked */
		warning("no heap was seen: the program never loaded libmprof-heap.so (what it runs "
			"is linked statically or with other rights, or its environment was "
			"cleared)");
}
