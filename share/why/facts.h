/* What the causes ask of a profile. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/format.h"

struct profile;

double why_seconds(const struct profile *profile); /* from the first sample to the end */

/* A META of whole numbers. False: it is not there, or is none. */
bool why_number(const struct profile *profile, const char *key, long *value);

/* How it began: the place of the word in CMDLINE, unquoted, as the caller's own. False: there are
 * not so many. */
enum { WHY_WORD = 256 };
bool why_word(const struct profile *profile, unsigned place, char out[WHY_WORD]);
bool why_runs(const struct profile *profile,
	      const char *const names[]); /* is the first one of them */

/* "SIGSEGV"; of an unknown one "signal 40". */
char *why_signal(char out[FORMAT_SIZE], int number);

/* What kept records from being written, and is it the file's fault, so that its end may be missing
 * too? "the disk was full"; NULL: nothing, or not told. */
const char *why_unwritten(const struct profile *profile, bool *full);

/* A Python program, by what the file tells of it. */
bool why_is_python(const struct profile *profile);

/* " a.dat", quoted, as it stands behind the name of a command; "" where the newest is meant. */
char *why_operand(char *out, size_t size, const struct profile *profile);

/* "./a.py --seed 3"; "PROGRAM" where that is not told, or long. */
char *why_program(char *out, size_t size, const struct profile *profile);
