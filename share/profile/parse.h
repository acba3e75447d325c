/* A line of a .dat taken apart. */
#pragma once

#include "share/profile/record.h"

/* The kind that a tag of `n` bytes stands for; PROFILE_KINDS: none that is known. */
enum profile_kind record_kind(const char *tag, size_t n);

/* Fills a record, whose kind is set, from what stands behind its tag. Its texts go to `room`, which
 * is one byte larger. false: it is malformed. */
bool record_parse(struct profile_record *record, const char *text, const char *end, char *room);

/* The same of MEM. */
bool record_parse_sample(struct sample *sample, const char *text, const char *end);
