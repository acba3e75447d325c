/* What the kernel tells of a program as it happens, and the records that it tells it in:
 * perf_event_open(2), "MMAP layout". The parser takes bytes. */
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
	EVENT_FAULT, /* pid, fault */
	EVENT_MAP,   /* pid, start, length, offset, path: a file was mapped to be executed */
	EVENT_KINDS,
};

struct event {
	enum event_kind kind;
	pid_t pid, parent;
	pid_t maker;   /* of a fork: the thread of the parent's that called it */
	pid_t thread;  /* that was begun, that ends, that called exec or maps */
	int64_t at;    /* monotonic ns; of event_parse the kernel's own, else clock_now's */
	uint64_t lost; /* records for which the ring had no room */
	char name[64]; /* comm */
	uint64_t start, length, offset; /* of a map; bytes */
	const char *path;               /* of a map; valid until the next event */
	struct fault fault;             /* what it points to is valid until the next event */
	uint64_t count; /* the faults of its thread until this one, with it; 0: not told */
	uint64_t registers[FAULT_REGISTERS]; /* that fault.registers points to */
};

/* How much of a thread's stack a fault tells, in bytes, and so how long a record can be: no path
 * is longer than PATH_MAX. One that is longer all the same is none of ours. */
enum { EVENT_STACK = 8192, EVENT_LONGEST = EVENT_STACK + 4096 };

/* What is to be told of registers: PERF_SAMPLE_REGS_USER's mask; 0: not known of this machine, and
 * neither they nor the stack are told. */
extern const uint64_t event_registers;

/* What a record of a fault consists of, and the end of all others: perf_event_attr's. `counted`: it
 * tells a thread's faults so far as well. */
uint64_t event_sample_type(bool counted);
enum { EVENT_TRAILER = 16 }; /* bytes: u32 pid, tid; u64 time */

/* The record at the beginning of `n` bytes: its length, or 0 when it is not whole. fault.faults is
 * the period that the record tells. What the event points to lies in it and in those bytes: it is
 * not to be copied. */
size_t event_parse(const void *bytes, size_t n, bool counted, struct event *event);
