/* What a recording holds beside its MEM samples: one const object a file, one line in probe.c's
 * table. A probe that is not asked for, or finds nothing on this machine, costs nothing once it has
 * said so. Of the hooks only `check` and `say` may speak; every hook but `open` may be missing.
 *
 * The order: check (before there is a file), prepare (before there is a target), open, then at each
 * tick born and gone as the sweep tells them and sample, in between look, at last end, say,
 * close. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct member;
struct record_options;
struct recording;
struct watch;

struct probe {
	const char *name;
	size_t state_size; /* zeroed before `prepare` */

	/* Are the options right, and can this machine do it? -1 to go on, else the exit status
	 * after one sentence. Nothing has been opened or started. */
	int (*check)(const struct record_options *options);

	/* The recording's file is open, the target is not yet started (not called when it is
	 * adopted). The target inherits our environment: setenv() is how to tell it something. */
	void (*prepare)(void *state, struct recording *recording);

	/* The target runs, the family is open, CMDLINE and META are in the writer's buffer: further
	 * META may be put. 0: takes part; below 0: does not, and no other hook is called. */
	int (*open)(void *state, struct watch *watch);

	/* Of descendants, never of the target; see family.h. */
	void (*born)(void *state, struct watch *watch, const struct member *member);
	void (*gone)(void *state, struct watch *watch, const struct member *member);

	/* After MEM and CHLD of a tick at which the target was measured, before the write: what is
	 * put goes out with them. watch->us is the moment, watch->bytes the figure of MEM. */
	void (*sample)(void *state, struct watch *watch, int64_t now);

	/* Between ticks: ns from `now` until the probe wants a look (0: it is due), -1: it does
	 * not. */
	int64_t (*wait)(const void *state, const struct watch *watch, int64_t now);
	void (*look)(void *state, struct watch *watch, int64_t now);

	/* The target has ended, or the recording has; GONE and EXIT are not yet written. */
	void (*end)(void *state, struct watch *watch);

	/* The file is closed. Returns the exit status: `status`, the target's own (a signal that it
	 * died of is below 0), or one that must stand in its place. */
	int (*say)(void *state, const struct recording *recording, const struct watch *watch,
		   int status);
	void (*close)(void *state); /* also when only `prepare` was called */
};

extern const struct probe *const probes[]; /* ends with NULL */

/* The probes of one recording. */
struct probes {
	void **states; /* in the table's order; NULL: takes no part */
};

int probes_check(const struct record_options *options); /* -1, or the first exit status */
int probes_prepare(struct probes *set, struct recording *recording, bool target_is_ours);
void probes_open(struct probes *set, struct watch *watch);
void probes_born(struct probes *set, struct watch *watch, const struct member *member);
void probes_gone(struct probes *set, struct watch *watch, const struct member *member);
void probes_sample(struct probes *set, struct watch *watch, int64_t now);
int64_t probes_wait(const struct probes *set, const struct watch *watch, int64_t now);
void probes_look(struct probes *set, struct watch *watch, int64_t now); /* those that are due */
void probes_end(struct probes *set, struct watch *watch);
int probes_say(struct probes *set, const struct recording *recording, const struct watch *watch,
	       int status);
void probes_close(struct probes *set);
