/* How what is reported of a sampled heap is known, and what of it is not. */
#include <stdio.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/format.h"
#include "share/json.h"
#include "share/number.h"

double report_heap_mean(const struct profile *p)
{
	return heap_mean(p);
}

static const struct {
	const char *word, *sentence; /* as META heap_lacks has it */
} lacks[] = {
	{ "room", "Some of it has no lines, since there was no room for more of them: a larger "
		  "run --heap=BYTES needs less." },
	{ "allocator", "A program had a malloc of its own, which cannot be seen: what it took is "
		       "in no figure here." },
	{ "displaced", "Another library of LD_PRELOAD stood before libmprof-heap.so: what it took "
		       "is in no figure here." },
	{ "python", "The lines of some Python could not be told: its heap stands under native "
		    "functions." },
	{ "new", "The allocator of a program had an operator new of its own, which is not seen: "
		 "what C++ code took with it, if any ran, is in no figure here." },
	{ "confined", "A program confined itself (seccomp): what it took after that is in no "
		      "figure here." },
};

enum { N_LACKS = sizeof lacks / sizeof *lacks };

/* Is the word one of those, with commas between them? */
static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, n) == 0 && (at[n] == ',' || at[n] == '\0'))
			return true;
	}
	return false;
}

bool report_heap_lacks(const struct profile *p, const char *word)
{
	return has_word(profile_setting(p, "heap_lacks"), word);
}

static void say_lacks(const struct profile *p)
{
	const char *words = profile_setting(p, "heap_lacks");
	for (size_t i = 0; i < N_LACKS; i++)
		if (has_word(words, lacks[i].word))
			puts(lacks[i].sentence);
}

/* Those of a later version too. */
void report_put_heap_lacks(const struct profile *p)
{
	const char *words = profile_setting(p, "heap_lacks");
	fputs(",\n  \"heap_lacks\": [", stdout);
	for (const char *at = words; at && *at; at += *at == ',') {
		char word[32];
		size_t n = strcspn(at, ",");
		snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : 0), at);
		if (at > words)
			fputs(", ", stdout);
		json_text(stdout, word);
		at += n;
	}
	putchar(']');
}

static void say_estimates(const struct profile *p)
{
	char mean[FORMAT_SIZE];
	double bytes = report_heap_mean(p);
	if (bytes > 0)
		printf("\nEstimates: one allocation was looked at for every %s allocated; the "
		       "truth lies within ± in 95 of 100 cases.\n",
		       heap_say_mean(mean, bytes));
	else
		puts("\nEstimates from samples; the truth lies within ± in 95 of 100 cases.");
	puts("It is what the program asked for and did not free: not what its pages take, and not "
	     "what malloc keeps free.");
}

/* Those that are not recorded otherwise, too. */
static void say_programs(const struct profile *p)
{
	const char *told = profile_setting(p, "heap_seen");
	long n;
	if (told && number_whole(told, &n) == 0 && n > 1)
		printf("Added up over %ld programs: the first, and what it started.\n", n);
}

void report_print_heap_known(const struct report *report)
{
	char size[FORMAT_SIZE];
	const struct profile *p = report->profile;
	say_estimates(p);
	if (p->heap.inherited > 0)
		printf("Children held %s from their birth on, inherited: that is in no figure "
		       "here.\n",
		       format_memory(size, sample_mib(p->heap.inherited)));
	say_programs(p);
	say_lacks(p);
	report_print_whole(p);
}
