/* Names of code that was made at run time, as virtual machines write them for perf(1): lines of
 * "start size name", the numbers hexadecimal, appended as they go; what comes later holds. Node:
 * --perf-basic-prof; Java: -XX:+DumpPerfMapAtExit or jcmd PID Compiler.perfmap; Python: -X perf. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_map;

struct perf_name {
	uint64_t start, end;
	size_t name; /* where it begins in the text */
	size_t order;
};

/* NULL: no memory. */
struct perf_map *perf_map_new(void);
void perf_map_free(struct perf_map *map); /* NULL is accepted */

/* Takes more of the text; what has no end yet waits for it. */
void perf_map_take(struct perf_map *map, const char *text, size_t n);

/* Reads on, where a process has such a file. */
void perf_map_read(struct perf_map *map, pid_t pid);

/* NULL: it is not known. Valid until more is taken. */
const char *perf_map_name(struct perf_map *map, uint64_t address);
