/* Finds the file into which the debugging information of a binary was put: by its build ID or its
 * link, below the process' root and then below ours. Nothing is ever fetched. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gelf.h>

/* A descriptor of it, or -errno; -ENOENT: there is none. */
int debug_file_open(Elf *elf, pid_t pid, const char *path);

/* Its build ID, at most 64 bytes: how many; 0: it has none. */
size_t debug_file_id(Elf *elf, const uint8_t **id);
