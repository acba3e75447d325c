/* A mark from outside: mprof-c mark writes it, as it would for a script of the recorded program. */
#pragma once

/* 0 or -errno; what the command itself could not do is -EIO. */
int marker_write(const char *path, const char *label);
