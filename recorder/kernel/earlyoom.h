/* What earlyoom (github.com/rfjakob/earlyoom, not of the kernel) has ended: before it sends a
 * signal it logs "sending SIGTERM to process 42 uid 1000 "name": …", into the journal or a file of
 * syslog's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Does its log name one of whom `visit` says true, between two moments (seconds of the epoch)?
 * False where it is not installed, or its log is closed to us. Takes a second at most. */
bool earlyoom_killed(int64_t from, int64_t to, bool (*visit)(void *context, pid_t pid),
		     void *context);

/* ---- parsers ---- */

/* Whom this line sends SIGTERM or SIGKILL; 0: nobody. */
pid_t earlyoom_parse(const char *message);

/* The same of a line of syslog's, "Nov 28 11:22:09 host earlyoom[7]: …" in local time or with the
 * moment as RFC 3339 has it; 0 also where it is another's, or of another time. */
pid_t earlyoom_parse_syslog(const char *line, int64_t from, int64_t to);
