/* What the files of the family share. */
#pragma once

#include "recorder/tree/family.h"

/* NULL: nobody of that pid is known. */
struct member *family_find(const struct family *family, pid_t pid);

/* A member of whom only the pid is known; family_meet makes it one that can be measured. NULL: no
 * memory. */
struct member *family_add(struct family *family, pid_t pid, pid_t ppid, int64_t born);
int family_meet(struct family *family, struct member *member); /* 0, or -ESRCH or -errno */
void family_forget(struct family *family, struct member *member);

/* Does the pid still stand for this process, if only for its zombie? */
bool family_is_same(const struct member *member);

/* Takes what the kernel has to tell of all that happened until `now`, which is past. */
void family_follow(struct family *family, int64_t now);

/* Tells its name, or its new one. */
void family_name(struct family *family, struct member *member, int64_t now);

/* Its end is seen: deals with it, unless we shall reap it and cannot yet. */
void family_see_end(struct family *family, struct member *member);
