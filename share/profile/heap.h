/* What is needed only while HEAP records are read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct heap_figures {
	int64_t live, spread, blocks; /* as a record's */
};

/* What one process holds of one frame. */
struct heap_cell {
	size_t frame; /* index */
	struct heap_figures holds;
};

struct heap_process {
	pid_t pid;     /* 0: another one has that number now */
	int64_t ended; /* µs; 0: it lives, as far as is known */
	bool taken;    /* away, all that it held when it ended */
	struct heap_cell *cells;
	size_t n_cells, n_slots;
	uint32_t *slots; /* index + 1 by hash; 0: free */
};

struct heap_loading {
	struct heap_process *processes;
	size_t n_processes, last; /* last: the index that was found last */
	size_t n_cells;           /* of all */
	int64_t latest;           /* µs, of all records */
	size_t n_ended;           /* of them, what they held is not yet taken away */
	bool jumbled;             /* the steps are not in the order of time */
};

/* The process of that number, a new one where there is none; NULL: there is no room. */
struct heap_process *heap_process_of(struct heap_loading *loading, pid_t pid);
struct heap_process *heap_process_find(struct heap_loading *loading, pid_t pid);

/* One whose slot may be another's, since what it held has been taken away; NULL: there is none. */
struct heap_process *heap_process_spent(struct heap_loading *loading);

/* Adds to what it holds; beyond all bounds that is forgotten. 0 or -ENOMEM. */
int heap_process_add(struct heap_loading *loading, struct heap_process *process, size_t frame,
		     const struct heap_figures *change);
void heap_process_clear(struct heap_loading *loading, struct heap_process *process);
void heap_processes_free(struct heap_loading *loading);
