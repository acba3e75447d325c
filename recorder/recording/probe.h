/* What a recording holds beside its MEM samples: one const object a file, one line in the program's
 * table (recorder/probe_table.h). A probe that is not asked for, or finds nothing on this machine,
 * costs nothing once it has said so. Of the hooks only `check`, `agree` and `say` may speak; every
 * hook may be missing.
 *
 * The order of the table is that of --help and of what is said, and means nothing else: what one
 * probe has found stands in the recording (results.h), and is read in a later phase. The phases:
 * check, agree (before there is a file), prepare (before there is a target), started, open; at each
 * tick born and gone as the sweep tells them, sample, act; in between look; at last end, conclude,
 * say, close. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command_option;
struct event;
struct member;
struct option_table;
struct recording;

struct probe {
	size_t state_size;
	const void *initial; /* the state before the options are parsed; NULL: zeroes */

	/* Its options, whose offsets are in its state; NULL: none. */
	const struct command_option *options;
	bool of_ours; /* they say something of a program that we start: attach has none of them */

	/* Are the options right, and can this machine do it? -1 to go on, else the exit status
	 * after one sentence. Nothing has been opened or started. */
	int (*check)(void *state, struct recording *recording);

	/* The same, with what the others' `check` has found. */
	int (*agree)(void *state, const struct recording *recording);

	/* The recording's file is open, the target is not yet started (not called when it is
	 * adopted). The target inherits our environment: setenv() is how to tell it something. */
	void (*prepare)(void *state, struct recording *recording);

	/* The target is there, and has inherited what it has. No process of ours was started
	 * since. */
	void (*started)(void *state, struct recording *recording);

	/* The family is open, CMDLINE and META are in the writer's buffer: further META may be put.
	 * 0: takes part; below 0: does not, and no other hook is called. */
	int (*open)(void *state, struct recording *recording);

	/* Of descendants, never of the target; see family.h. */
	void (*born)(void *state, struct recording *recording, const struct member *member);
	void (*gone)(void *state, struct recording *recording, const struct member *member);

	/* Of the target and of all its descendants, as the kernel tells it and in that order: a
	 * fork, an exec, an exit, a page fault, a map that can be executed, or events that were
	 * lost. Valid during the call; told before the next tick, or when one of them wakes us.
	 * `look` comes after, where the probe then wants one. */
	void (*event)(void *state, struct recording *recording, const struct event *event);

	/* After MEM and CHLD of a tick at which the target was measured, before the write: what is
	 * put goes out with them. recording->us is the moment, memory.bytes the figure of MEM. */
	void (*sample)(void *state, struct recording *recording, int64_t now);

	/* The same tick, when all have sampled: for those who do something about it. */
	void (*act)(void *state, struct recording *recording, int64_t now);

	/* Between ticks: ns from `now` until the probe wants a look (0: it is due), -1: it does
	 * not. */
	int64_t (*wait)(const void *state, const struct recording *recording, int64_t now);
	void (*look)(void *state, struct recording *recording, int64_t now);

	/* The target has ended, or the recording has: takes what is left of it. Not called where
	 * the target had ended before anything was opened, and the probe has an `open`. */
	void (*end)(void *state, struct recording *recording);

	/* What does it all come to? GONE and EXIT are not yet written. Of everybody who takes part,
	 * opened or not. */
	void (*conclude)(void *state, struct recording *recording);

	/* The file is closed. Returns the exit status: `status`, the target's own (a signal that it
	 * died of is below 0), or one that must stand in its place. */
	int (*say)(void *state, const struct recording *recording, int status);
	void (*close)(void *state); /* always, whatever was called before */
};

/* The probes of one recording: those that still take part. */
struct probes {
	struct probe_part {
		const struct probe *probe;
		void *state;
	} * parts; /* in the table's order */
	size_t n;
	bool opened; /* probes_open was called */
};

/* Everybody in `table`, which NULL ends. 0 or -ENOMEM. */
int probes_init(struct probes *probes, const struct probe *const table[]);

/* Appends the options of those with this `of_ours`; how many tables. */
size_t probes_options(const struct probes *probes, bool of_ours, struct option_table *tables);

/* The state of one of them, which its own file knows; NULL: it is not in the table. */
void *probes_state(const struct probes *probes, const struct probe *probe);

/* Each calls that hook of all. */
int probes_check(struct probes *probes, struct recording *recording); /* and agree */
void probes_prepare(struct probes *probes, struct recording *recording);
void probes_started(struct probes *probes, struct recording *recording);
void probes_open(struct probes *probes, struct recording *recording);
void probes_born(struct probes *probes, struct recording *recording, const struct member *member);
void probes_gone(struct probes *probes, struct recording *recording, const struct member *member);
void probes_event(struct probes *probes, struct recording *recording, const struct event *event);
void probes_sample(struct probes *probes, struct recording *recording, int64_t now); /* and act */
int64_t probes_wait(const struct probes *probes, const struct recording *recording, int64_t now);
void probes_look(struct probes *probes, struct recording *recording, int64_t now); /* who is due */
void probes_end(struct probes *probes, struct recording *recording); /* and conclude */
int probes_say(struct probes *probes, const struct recording *recording, int status);
void probes_close(struct probes *probes);
