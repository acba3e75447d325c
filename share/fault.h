/* Say what went wrong, once. Code below a command returns -errno and is silent; the command says
 * one sentence. */
#pragma once

#include <stdbool.h>

/* Exit statuses that are ours; a recorded program's own status passes through. */
enum status {
	STATUS_OK = 0,
	STATUS_FAULT = 1, /* our own failure */
	STATUS_USAGE = 2, /* a command line that makes no sense */
	STATUS_ABOVE = 3, /* the peak was above --max-peak */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

/* Writes "mprof-c: SENTENCE\n" to standard error in one write, what is not printable escaped so
 * that it is always one line of text, and returns `status`: `return fault(STATUS_USAGE, "…", …);`
 */
int fault(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same line, for what is worth saying and stops nothing ("mprof-c: warning: …"). */
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, for what has befallen this process and not all of a job alike. */
void alert(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on every line tells of which rank it is, NULL: of none; and of one that stands `aside`,
 * where another speaks for all, come only faults and alerts. */
void fault_speak_as(const char *rank, bool aside);

/* The same line, for what went well. */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
