/* What a recording tells of a program's code, in arrays of JSON: each a member of the object under
 * way. Write errors are left in ferror(out). */
#pragma once

#include <stdio.h>

struct profile;

void json_functions(const struct profile *profile, FILE *out);
void json_calls(const struct profile *profile, FILE *out);
void json_entered(const struct profile *profile, FILE *out); /* calls never seen to end */
void json_lines(const struct profile *profile, FILE *out);
void json_growth(const struct profile *profile, FILE *out); /* frames, and steps */
