/* What a resident set consists of: the classes, written once, a row each. A bill is one figure of
 * each; all but those that stand beside it add up to the RSS (or to what MEM is). The recorder
 * makes it, recordings keep it as BILL records; help, peak, why and the pictures tell of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CLASS(identifier, word in a recording, what people read, and what it means there) in the order in
 * which they are stacked, from the bottom: what stays first, what can go last. */
#define BILL(CLASS)                                                                               \
	CLASS(PROGRAM, "program", "program and libraries",                                        \
	      "files that are executed, and their data")                                          \
	CLASS(STACK, "stack", "stacks", "the main thread's, and those of threads that look it")   \
	CLASS(HEAP, "heap", "malloc's heap", "the brk heap and malloc's arenas")                  \
	CLASS(USED, "used", "malloc, in use", "what the program holds of that heap")              \
	CLASS(KEPT, "kept", "malloc, kept free", "the program gave it back, malloc kept it")      \
	CLASS(PYTHON, "python", "Python objects", "in use in the arenas of CPython")              \
	CLASS(SPARE, "spare", "Python, kept free", "free in those arenas, kept by CPython")       \
	CLASS(ANON, "anonymous", "anonymous maps",                                                \
	      "neither file nor name; malloc's large blocks too")                                 \
	CLASS(HUGE, "huge", "huge pages", "anonymous maps, so much as lies in transparent ones")  \
	CLASS(SHARED, "shared", "shared memory", "tmpfs, memfd, System V, shared anonymous maps") \
	CLASS(ARRAY, "array", "mapped arrays", "files of arrays: .npy, .arrow, .safetensors …")   \
	CLASS(FILE, "file", "mapped files", "other files that are mapped, not executed")          \
	CLASS(CACHE, "cache", "page cache", "of files that the control group has used")           \
	CLASS(KERNEL, "kernel", "the kernel's own",                                               \
	      "tables, buffers, stacks of the control group")                                     \
	CLASS(UNTOLD, "untold", "not told", "in none of the maps that could be read")             \
	CLASS(HUGETLB, "hugetlb", "hugetlb pages", "which no RSS counts: beside it")              \
	CLASS(OFF, "off", "sum is off by", "beside it: held another amount while it was read")

#define BILL_ID(id, ...) BILL_##id,
enum bill_class { BILL(BILL_ID) BILL_CLASSES };
#undef BILL_ID

struct bill {
	int64_t us;                 /* of the epoch */
	int64_t umib[BILL_CLASSES]; /* sample.h */
};

extern const char *const bill_words[BILL_CLASSES]; /* as in a recording, and in JSON */
extern const char *const bill_names[BILL_CLASSES];
extern const char *const bill_meanings[BILL_CLASSES];

/* BILL_UNTOLD: a word of a later version. */
enum bill_class bill_find(const char *word);

/* Does it stand beside the sum? */
static inline bool bill_is_beside(enum bill_class class)
{
	return class == BILL_HUGETLB || class == BILL_OFF;
}

/* Is the sum what MEM was then, to 1 % or, where little is held, to 1 MiB (both in bytes, or both
 * in umib)? Else what it is off by stands in the bill as BILL_OFF. */
static inline bool bill_is_close(int64_t sum, int64_t memory)
{
	int64_t off = sum > memory ? sum - memory : memory - sum;
	return off <= memory / 100 || off <= 1000000;
}

/* Is it of one moment? */
static inline bool bill_is_whole(const struct bill *bill)
{
	return bill->umib[BILL_OFF] == 0;
}

/* umib: of all but what stands beside. */
int64_t bill_total(const struct bill *bill);

/* The classes that are not 0 (beside or not), the largest first; how many. */
size_t bill_sort(const struct bill *bill, enum bill_class sorted[BILL_CLASSES]);

/* What a third or more of it is, and 16 MiB, which those who wonder at the RSS should know. */
enum bill_odd {
	BILL_PLAIN,
	BILL_KEPT_FREE,  /* by malloc: malloc_trim gives back its whole pages */
	BILL_SPARE_FREE, /* by CPython, in arenas in which something lives */
	BILL_OF_FILES,   /* pages of files: the kernel takes them where memory is short */
	BILL_OF_SHARED,  /* shared memory: lives as long as its file or segment */
};

/* umib: how much of it is that. */
enum bill_odd bill_odd(const struct bill *bill, int64_t *umib);

/* What may be said behind "300 MiB of 700 MiB": "are kept free by malloc: …". Of BILL_PLAIN: "". */
const char *bill_advice(enum bill_odd odd);
const char *
bill_odd_word(enum bill_odd odd); /* for JSON: "kept-free", "spare", "files", "shared" */
