/* What runs where: of each process its maps that can be executed, as they were told or, for one
 * that ran before we listened, as /proc/PID/maps has them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct module;

struct mapping {
	uint64_t start, end, offset;
	char *path;
	struct module *module; /* modules.h; NULL: not yet looked for, or none */
	unsigned age;          /* of the modules when it was looked for; 0: it was not */
};

enum { MAPPINGS_MOST = 8192, PROCESSES_MOST = 1024 };

struct process {
	pid_t pid;
	uint64_t used; /* when it was last: a count */
	bool known;    /* all of its maps */
	int64_t read;  /* monotonic ns: when its maps were read last */
	struct mapping *maps;
	size_t n;
	bool unsorted;
	struct perf_map *names; /* perf_map.h; NULL: not yet looked for */
};

struct processes {
	struct process *items; /* no order */
	size_t n;
	uint64_t count;
};

void processes_forked(struct processes *processes, pid_t pid, pid_t parent);
void processes_executed(struct processes *processes, pid_t pid);
void processes_mapped(struct processes *processes, pid_t pid, uint64_t start, uint64_t length,
		      uint64_t offset, const char *path);

/* What was told may have holes: whoever runs is read anew. */
void processes_doubt(struct processes *processes);

/* All modules are about to go. */
void processes_let_go(struct processes *processes);

/* NULL: no memory. Valid until the next of any. */
struct process *processes_find(struct processes *processes, pid_t pid);

/* Whose map holds that address; NULL: nobody's. What is not known is read. */
struct mapping *process_mapping(struct process *process, uint64_t address);
void processes_free(struct processes *processes);

/* A line of /proc/PID/maps with x among its rights: false: it is no such line. `path` is what is
 * behind, of the text itself. */
bool mapping_parse(char *line, struct mapping *mapping, const char **path);
