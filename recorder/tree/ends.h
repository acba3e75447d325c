/* The ends of the members. */
#pragma once

#include <stdint.h>

struct family;
struct member;

/* Its end is seen: deals with it, unless we shall reap it and cannot yet. */
void ends_see(struct family *family, struct member *member);

/* What was told of the end of one that was our own child. */
void ends_take(const struct family *family, struct member *member, int status, uint64_t ru_maxrss);

/* It is one of those that have ended from now on, and that is told. Not so of the target, of whose
 * end its pidfd is the judge. */
void ends_declare(struct family *family, struct member *member);
