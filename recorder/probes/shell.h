/* A command for the shell, beside the recording: it does not hold us up, is no part of the family,
 * and its output goes to standard error. */
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

struct signals;

/* Its pid, or -errno of fork or exec. It leads a session of its own. `held`, `descriptors`: what it
 * gets as it was before us. */
pid_t shell_start(const char *text, const struct signals *held, const struct rlimit *descriptors);
