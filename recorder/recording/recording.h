/* One recording under way, of a target from its first sample to its end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/recording/batch.h"
#include "recorder/recording/descriptors.h"
#include "recorder/recording/file.h"
#include "recorder/recording/launcher.h"
#include "recorder/recording/options.h"
#include "recorder/recording/probe.h"
#include "recorder/recording/proxy.h"
#include "recorder/recording/results.h"
#include "recorder/recording/sampler.h"
#include "recorder/recording/signals.h"
#include "recorder/recording/target.h"
#include "recorder/tree/family.h"
#include "share/profile/profile.h"

struct cgroup;

struct recording {
	/* What is asked for: the commands', until recording_open. */
	struct recording_options options;
	struct probes probes;

	/* What it consists of. */
	char *path;
	struct profile_writer writer;
	struct file file;
	struct batch batch;
	struct launcher launcher; /* of the target */
	struct signals signals;
	struct rlimit descriptors; /* our limit, as it was; rlim_max 0: it is so still */
	struct target target;
	struct proxy proxy;
	struct family family;        /* without a member where nothing can be measured */
	const struct source *source; /* of MEM */
	bool total;                  /* MEM is the whole family's */
	struct sampler sampler;
	pid_t viewer;     /* a process of ours that shows it, on our terminal; 0: there is none */
	int viewer_leash; /* ends one that shows a line beside the program; 0: there is none */
	unsigned helpers; /* processes of ours that are none of the target's: recording_help's */

	/* The loop's. */
	int64_t timeout;     /* ns from the first tick; 0: none */
	bool woken;          /* by the kernel's events, which are to be taken */
	bool heard;          /* a fault was among those taken last … */
	int64_t echo;        /* … so that they are to be taken again; monotonic ns, 0: not */
	bool silent;         /* nothing is to be sampled any more: only the end is awaited */
	int interrupted;     /* the signal that ended it before the target did */
	bool lingers;        /* something is to be done yet, to whoever is left: --at's, in `act` */
	int64_t us;          /* of the epoch: of the last look at the target */
	int64_t outlived_us; /* of its end, where its descendants are recorded on; 0: they are not
			      */

	/* What has come of it so far, each with one writer. */
	struct memory_result memory;
	struct peaks_result peaks;
	struct vram_result vram;
	struct values_result values;
	struct failed_result failed;
	struct agent_result agent;
	struct limit_result limit;
	struct group_result group;
	struct deed_result deed;
	struct signal_result signal;
	struct kill_result kill;
	struct faults_result faults;
	struct growth_result growth;
	struct peak_result peak;
	struct unseen_result unseen;
	struct heap_result heap;
};

/* Before the options are parsed into it. -1 to go on, else the exit status after a sentence. */
int recording_init(struct recording *recording, const struct probe *const table[]);

/* Checks the options and opens the file, in whose name %p is `pid`; it is none of `words`, those of
 * the program, NULL for none. The same. */
int recording_open(struct recording *recording, pid_t pid, char *const words[]);

/* Starts the program: `file` is executed with `argv`. The same; without a target there is no file
 * either. */
int recording_start(struct recording *recording, const char *file, char *const argv[]);

/* Takes a process that runs, and was started then (procfs_stat); the same. */
int recording_adopt(struct recording *recording, pid_t pid, uint64_t start);

/* Takes all of a control group, which outlives the recording; the same. */
int recording_adopt_group(struct recording *recording, const struct cgroup *group);

/* A process of ours runs beside the target. 0 or -ENOMEM. */
int recording_help(struct recording *recording, pid_t pid);

/* Records until the target ends (or, adopted, until the timeout or a signal); `argv` goes into
 * CMDLINE. Says what the user should know. Returns the exit status; below 0 it is that of the
 * signal which the target died of, and for the command to die of (signals_end). */
int recording_go(struct recording *recording, char *const argv[]);

/* Of one that recording_init was called for, however far it came. */
void recording_close(struct recording *recording);
