/* Members that live, and of whom nothing may be read. They are no zombies, nor do they hold
 * nothing: what they hold is not known. */
#pragma once

#include <stdbool.h>

struct family;
struct member;

/* Reading it has failed with `error` (-errno): does it live? Then that is noted, and counted. */
bool hidden_note(struct family *family, struct member *member, int error);

/* Those of the last sample. */
void hidden_count(struct family *family);
