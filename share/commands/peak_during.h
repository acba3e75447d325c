/* What peak --func prints. */
#pragma once

struct profile;

/* The highest sample while a call of this function ran. Reads the profile's file again; returns the
 * exit status. */
int peak_print_during(const struct profile *profile, const char *function);
