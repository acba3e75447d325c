/* What can be measured: every metric, written once, a row each. The recorder's source of the same
 * identifier (recorder/source/) reads it; help, completions, peak and the pictures tell of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Of a group or the machine there is one figure for a whole family of processes. */
enum metric_owner { METRIC_OF_PROCESS, METRIC_OF_GROUP, METRIC_OF_MACHINE };

struct metric {
	const char *name;    /* one word, as -b takes it and a recording has it */
	const char *brief;   /* alone at a picture's head */
	const char *label;   /* in a legend, among others */
	const char *aliases; /* blank-separated, mprof's names; NULL: none */
	const char *unit;    /* of the figures in a recording */
	enum metric_owner owner;
	bool adds_up; /* a sum over processes counts nothing twice: what they share is in none, or a
			 part of it in each. What fork shares is anonymous memory, too. */
	bool resident; /* it is a part of the RSS, and never more than that */
	bool costly;   /* reading it walks the process' page tables: it has a slower pace */
	bool marked; /* the kernel's exact high-water marks (VmHWM, ru_maxrss) are of it; others are
			known by samples only */
};

/* METRIC(identifier, name, what it is in a line of --help, the other members …) */
#define METRICS(METRIC)                                                                            \
	METRIC(rss, "rss", "resident set size: what is in RAM, shared pages counted in full",      \
	       .brief = "RSS", .label = "RSS", .aliases = "psutil posix", .unit = "MiB",           \
	       .resident = true, .marked = true)                                                   \
	METRIC(pss, "pss",                                                                         \
	       "proportional set size: shared pages divided among those that share them",          \
	       .brief = "PSS", .label = "PSS", .aliases = "psutil_pss", .unit = "MiB",             \
	       .adds_up = true, .resident = true, .costly = true)                                  \
	METRIC(uss, "uss", "unique set size: the pages that no other process shares",              \
	       .brief = "USS", .label = "USS", .aliases = "psutil_uss", .unit = "MiB",             \
	       .adds_up = true, .costly = true)                                                    \
	METRIC(swap, "swap", "what of it is swapped out", .brief = "swap", .label = "swap",        \
	       .unit = "MiB")                                                                      \
	METRIC(anon, "anon", "resident memory that is no file's: heap, stack", .brief = "anon",    \
	       .label = "anonymous", .unit = "MiB", .resident = true)                              \
	METRIC(file, "file", "resident pages of files: programs, libraries, mapped data",          \
	       .brief = "file", .label = "file pages", .unit = "MiB", .resident = true)            \
	METRIC(shmem, "shmem", "resident shared memory: tmpfs, shm_open, MAP_SHARED",              \
	       .brief = "shmem", .label = "shared memory", .unit = "MiB", .resident = true)        \
	METRIC(hugetlb, "hugetlb", "huge pages of hugetlbfs, which no RSS counts",                 \
	       .brief = "hugetlb", .label = "huge pages", .unit = "MiB")                           \
	METRIC(vms, "vms", "virtual memory size: address space, touched or not", .brief = "VMS",   \
	       .label = "virtual (VMS)", .unit = "MiB")                                            \
	METRIC(cgroup, "cgroup", "all that is charged to its control group", .brief = "cgroup",    \
	       .label = "control group", .unit = "MiB", .owner = METRIC_OF_GROUP)                  \
	METRIC(cgroup_workingset, "cgroup.workingset",                                             \
	       "of that, what cannot be taken back: all but page cache not used lately",           \
	       .brief = "cgroup.workingset", .label = "control group, working set", .unit = "MiB", \
	       .owner = METRIC_OF_GROUP)                                                           \
	METRIC(cgroup_anon, "cgroup.anon", "of that, memory that is no file's",                    \
	       .brief = "cgroup.anon", .label = "control group, anonymous", .unit = "MiB",         \
	       .owner = METRIC_OF_GROUP)                                                           \
	METRIC(cgroup_file, "cgroup.file", "of that, page cache, shmem too",                       \
	       .brief = "cgroup.file", .label = "control group, page cache", .unit = "MiB",        \
	       .owner = METRIC_OF_GROUP)                                                           \
	METRIC(cgroup_shmem, "cgroup.shmem",                                                       \
	       "of that, what is in no file on a disk: tmpfs, shared memory",                      \
	       .brief = "cgroup.shmem", .label = "control group, shared memory", .unit = "MiB",    \
	       .owner = METRIC_OF_GROUP)                                                           \
	METRIC(system, "system",                                                                   \
	       "the machine's memory that is in use: MemTotal less MemAvailable",                  \
	       .brief = "system", .label = "machine, in use", .unit = "MiB",                       \
	       .owner = METRIC_OF_MACHINE)

/* metric_rss, metric_pss …, and in their order: */
#define METRIC_DECLARE(id, ...) extern const struct metric metric_##id;
METRICS(METRIC_DECLARE)
#undef METRIC_DECLARE
extern const struct metric *const all_metrics[]; /* ends with NULL */

/* What -b takes: for the completions, and for --help, a line each. VRAM is no metric of a process
 * or a machine, but is asked for among them. */
#define METRIC_WORD(id, name, ...)          name ","
#define METRIC_WORDS                        METRICS(METRIC_WORD) "gpu,bill"
#define METRIC_LINE(id, name, summary, ...) "  " name ": " summary "\n"
#define METRIC_LINES                                                                               \
	"METRICS:\n" METRICS(METRIC_LINE) "  gpu: VRAM, as --gpu=on records it\n  bill: what rss " \
					  "(or pss, cgroup) consists of, at most at 1 % of a CPU"

/* By name or alias; NULL: none that is known here, as in a newer version's file, or no name. */
const struct metric *metric_find(const char *name);

/* A metric's words; its very name where it is not known. */
const char *metric_brief(const char *name);
const char *metric_label(const char *name);

/* " of the control group", " of the machine"; NULL: it is a process' own, or not known. */
const char *metric_scope(const char *name);
