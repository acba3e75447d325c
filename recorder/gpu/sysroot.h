/* Where the files of the machine are, as machine.h has it. For the tests only, MPROF_SYSROOT names
 * a folder that stands in place of / for device files, /sys, the open files under /proc, and the
 * drivers' libraries. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SYSROOT_PATH = 512 };

const char *sysroot(void); /* "" for the machine itself */

/* The path that `format` gives, behind the root; cut off where it is too long. */
void sysroot_path(char path[SYSROOT_PATH], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads a small file into `text`, and ends it with a NUL. Its length or -errno. */
ssize_t sysroot_read(const char *path, char *text, size_t size);

/* A file that holds one number and a newline. 0 or -errno. */
int sysroot_number(const char *path, uint64_t *value);
