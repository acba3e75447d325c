/* mprof-c links libc only; what needs libpng and zlib is mprof-c-plot, found beside mprof-c, in
 * libexecdir, or in PATH, the way git finds its commands. */
#pragma once

#include <stddef.h>

#include "share/command.h"

/* These hand over. */
extern const struct command command_plot, command_export, command_live;

/* Becomes mprof-c-plot with the words of the command under way. Returns only when that failed: the
 * exit status, the fault said. */
int handover(void);

/* The same where one of these is compressed and this program one that cannot read it; else -1. */
int handover_compressed(const char *const paths[], size_t n);
