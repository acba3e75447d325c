/* Who kills a program for --at leaves a word of it in the recording that others make of that
 * program, where there is one: META killed=at killed_pid=PID killed_by=RECORDER. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct pids;
struct recording;

/* Before the signal. Nothing is written where a victim names no recording (RUNNING_FILE in its
 * environment) that is its own user's and goes on, or names ours. */
void kill_note_leave(struct recording *recording, const struct pids *victims);

/* Was that left in our recording, of this process? */
bool kill_note_is_left(const struct recording *recording, pid_t victim);
