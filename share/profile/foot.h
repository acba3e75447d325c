/* What has to stand at the end of a file that takes no more: in place of lines that stand there. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct foot {
	int fd;
	off_t start; /* of the lines whose place it takes, to the end of the file */
	uint64_t lines;
};

/* Finds room for `n` bytes in a regular file that `fd` may write to: whole lines, none of them
 * CMDLINE or META. 0, after which foot_write must follow, or -errno: -ENOSPC: there are no such
 * lines. The file stays as it is. */
int foot_open(struct foot *foot, int fd, size_t n);

/* 0 or -errno, after which the file is as it was, or has lost the lines. */
int foot_write(struct foot *foot, const char *text, size_t n);
