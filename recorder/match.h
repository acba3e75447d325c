/* A running process by its number or its name. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct match {
	pid_t pid, ppid;
	uint64_t start; /* procfs_stat's: no later process of that number is meant */
	char *command;  /* its command line, whatever bytes that holds; owned */
};

/* All processes that `word` may mean, ourselves and those that started us left out: the one of that
 * number; else those whose name, program or script is `word`; else those in whose program or
 * script, as their command lines have it, it begins. Forks that have the command line of a parent
 * who is meant are left out: they are its descendants. 0 or -errno; none is *n == 0. */
int match_find(const char *word, struct match **matches, size_t *n);
void match_free(struct match *matches, size_t n);
