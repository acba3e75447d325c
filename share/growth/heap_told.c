/* What of a heap was not sampled, and until when its records go. */
#include <stdio.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/heap.h"
#include "share/number.h"
#include "share/profile/profile.h"

/* As META heap_lacks has it. `missing` NULL: all that was taken is in the figures. */
static const struct {
	const char *word, *missing, *reason;
} lacks[] = {
	{ "room", NULL, NULL },
	{ "python", NULL, NULL },
	{ "program", "what the program itself took, which cannot be sampled",
	  "its program cannot be sampled, since it is linked statically or with musl, or has other "
	  "rights" },
	{ "confined", "what was taken after a program had confined itself (seccomp)",
	  "its program confined itself (seccomp) before anything was seen" },
	{ "allocator", "what a program's own malloc took",
	  "its program has a malloc of its own, which cannot be seen" },
	{ "displaced", "what another library of LD_PRELOAD took",
	  "another library of LD_PRELOAD stood before libmprof-heap.so" },
	{ "new", "what C++ code took by an operator new of the program's own, if any ran",
	  "its allocator has an operator new of its own, which is not seen" },
};

enum { N_LACKS = sizeof lacks / sizeof *lacks, OTHER = N_LACKS };

static size_t lack_of(const char *word, size_t n)
{
	size_t i = 0;
	while (i < N_LACKS && (strncmp(lacks[i].word, word, n) != 0 || lacks[i].word[n] != '\0'))
		i++;
	return i;
}

/* The first that keeps something out of the figures; OTHER: of a later version. NULL: none does. */
static const char *find_lack(const struct profile *p, size_t *lack)
{
	const char *words = profile_setting(p, "heap_lacks");
	for (const char *at = words; at && *at; at += *at == ',') {
		size_t n = strcspn(at, ",");
		*lack = lack_of(at, n);
		if (n > 0 && (*lack == OTHER || lacks[*lack].missing))
			return at;
		at += n;
	}
	return NULL;
}

const char *heap_missing(const struct profile *p)
{
	size_t lack = OTHER;
	if (!find_lack(p, &lack))
		return NULL;
	return lack == OTHER ? "some of what was taken" : lacks[lack].missing;
}

bool heap_is_unseen(const struct profile *p)
{
	return p->heap.records == 0 && profile_setting(p, "heap");
}

double heap_mean(const struct profile *p)
{
	const char *told = profile_setting(p, "heap");
	double bytes;
	return told && number_decimal(told, &bytes) == 0 && bytes > 0 ? bytes : 0;
}

char *heap_say_mean(char out[FORMAT_SIZE], double bytes)
{
	if (bytes < 1024)
		snprintf(out, FORMAT_SIZE, "%.0f B", bytes);
	else
		format_memory(out, bytes / 0x1p20);
	return out;
}

char *heap_say_unseen(char out[HEAP_UNSEEN], const struct profile *p)
{
	char mean[FORMAT_SIZE];
	size_t lack = OTHER;
	double every = heap_mean(p) / 0x1p20;
	if (find_lack(p, &lack) && lack != OTHER)
		snprintf(out, HEAP_UNSEEN, "%s", lacks[lack].reason);
	else if (every > 16 && every > sample_mib(p->memory.peak.umib))
		snprintf(out, HEAP_UNSEEN,
			 "one sample for every %s allocated was too coarse for what it allocated",
			 format_memory(mean, every));
	else
		snprintf(out, HEAP_UNSEEN,
			 "nothing was seen of it, since the program did not load the library, or "
			 "allocated too little");
	return out;
}

/* Where the end is missing, what was seen last, of anything, tells until when the heap was
 * followed; where records are, its own alone. */
int64_t heap_written_until(const struct profile *p)
{
	const struct profile_heap *h = &p->heap;
	const char *dropped = profile_setting(p, "dropped");
	long n;
	bool lost = dropped && (number_whole(dropped, &n) < 0 || n > 0);
	if ((p->ended && !lost) || h->n_steps == 0)
		return 0;
	int64_t last = h->steps[h->n_steps - 1].us;
	return !lost && p->memory.last.us > last ? p->memory.last.us : last;
}
