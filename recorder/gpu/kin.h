/* The target and its descendants, with or without -C: whose VRAM it is. For the helper, which sees
 * only what /proc says. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/tree/family.h"

struct kin {
	struct family family;
	pid_t target, recorder;
	bool adopts;    /* orphans become the recorder's children */
	uint64_t start; /* of the target: who started before is no descendant */
};

/* 0 or -errno. */
int kin_open(struct kin *kin, pid_t target, pid_t recorder, bool adopts);

/* Looks who there is now, monotonic ns. */
void kin_look(struct kin *kin, int64_t now);

/* Is it one of them? Walks up from one that is not known yet. */
bool kin_has(const struct kin *kin, pid_t pid);

/* Calls `visit` for each open file of each of them whose name begins with `prefix`, until it
 * returns non-zero, which becomes the result; `pid` may be that of a thread. -EACCES when nobody's
 * files may be seen. */
typedef int kin_visit(void *context, pid_t pid, const char *fd);
int kin_files(const struct kin *kin, const char *prefix, kin_visit *visit, void *context);

/* Has one of them a file open whose name begins with one of `prefixes` (NULL ends them)? Where
 * nobody may know: true. */
bool kin_opens(const struct kin *kin, const char *const prefixes[]);

/* The only one of them that has such a file open; 0: none has, several have, or nobody may know. */
pid_t kin_only_opener(const struct kin *kin, const char *const prefixes[]);
void kin_close(struct kin *kin);
