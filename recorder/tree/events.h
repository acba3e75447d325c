/* Every fork, exec and exit under a program that we are about to start, as the kernel tells them:
 * perf_event_open(2), a software event that counts nothing, with `task`, `comm` and `inherit`, and
 * a ring of records for each CPU. The parser takes bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/tree/fault.h"

enum event_kind {
	EVENT_OTHER, /* nothing that we want to know */
	EVENT_FORK,  /* pid, parent */
	EVENT_CLONE, /* pid has one thread more */
	EVENT_EXEC,  /* pid, name */
	EVENT_EXIT,  /* pid has one thread less */
	EVENT_LOST,  /* lost */
	EVENT_FAULT, /* fault */
	EVENT_MAP,   /* pid, start, length, offset, name: a file was mapped to be executed */
};

struct event {
	enum event_kind kind;
	pid_t pid, parent;
	int64_t at;    /* monotonic ns; of events_parse the kernel's own, else clock_now's */
	uint64_t lost; /* records for which the ring had no room */
	char name[64]; /* comm */
	uint64_t start, length, offset; /* of a map; bytes */
	const char *path;               /* of a map; valid until the next event */
	struct fault fault;             /* what it points to is valid until the next event */
};

struct ring {
	int fd;
	void *pages; /* a page of positions, then the records */
	struct event next;
	size_t length; /* of the record that `next` was; 0: none was read ahead */
};

struct events {
	struct ring *rings;
	size_t n;      /* 0: not open */
	int64_t ahead; /* ns, of our clock over the one that the records are told in */
	size_t data;   /* bytes of records in a ring, a power of two */
	int *off;      /* CPUs that were switched off when we began: nothing is told of them */
	size_t n_off;
};

/* What is executed by a child of ours that is forked from now on is told of, and all that descends
 * from it. 0 or -errno: -EACCES or -EPERM where perf_event_paranoid or a container forbids it. */
int events_open(struct events *events);

/* Is every CPU listened to that anybody could run on? */
bool events_are_whole(const struct events *events);

/* The oldest event that is no younger than `until`, in the order in which they happened: nobody's
 * exec comes before its fork. 1, or 0 when there is none. `until` must be past. */
int events_next(struct events *events, int64_t until, struct event *event);
void events_close(struct events *events);

/* The record at the beginning of `n` bytes: its length, or 0 when it is not whole. */
size_t events_parse(const void *bytes, size_t n, struct event *event);
