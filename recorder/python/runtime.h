/* The CPython inside a process, from outside: which version, and where its state is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/python/offsets.h"

struct runtime {
	pid_t pid;
	int version; /* 0x030c: 3.12; 0: not known */
	bool free_threaded;
	uint64_t at; /* address of _PyRuntime in the process */
	struct offsets offsets;
	int thread_id_at; /* of the kernel's thread number in the C library's thread structure,
			     where Python does not keep it (before 3.11); 0: not yet known, -1:
			     nowhere */
};

/* 0; -ENOENT: there is no CPython in it, or not yet; -ENOTSUP: one that we cannot read (version
 * tells which, 0 where that is not known); -EAGAIN: it is only just starting; -EPERM: it may not be
 * read; -ESRCH. Costs a fraction of a millisecond. */
int runtime_find(struct runtime *runtime, pid_t pid);

/* May the process be a Python, by the name of its program? Cheap. 1, 0 or -errno. */
int runtime_is_likely(pid_t pid);

/* The thread states of the interpreter, the newest first, at most `most` (> 0): of more, the newest
 * and, at the end, the main thread's, which is the oldest. */
size_t runtime_threads(const struct runtime *runtime, uint64_t *threads, size_t most);

/* The state of the thread that holds the GIL; 0: none does, there is none, or several do, each that
 * of an interpreter of its own. */
uint64_t runtime_holder(const struct runtime *runtime);

/* The kernel's number of a Python thread; 0: not known. */
pid_t runtime_thread_number(struct runtime *runtime, uint64_t thread);
