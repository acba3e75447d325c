/* What the agents have counted, as LINE records, and the records that they have written. */
#pragma once

#include <stdbool.h>

#include "recorder/python/shared.h"

struct profile_writer;

/* `shared` is AGENT_BYTES long; what stands in it may be anything. Returns how many records were
 * put. */
size_t lines_put(const struct agent_shared *shared, struct profile_writer *writer);

/* Puts the FUNC and ENTER records that are on their way; at the end also of those processes that
 * stand in the middle of one. */
void lines_drain(struct agent_shared *shared, struct profile_writer *writer, bool at_end);
