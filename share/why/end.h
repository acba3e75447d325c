/* The causes of an end that are told by the program's status. Each states it and returns true, or
 * it is none. */
#pragma once

#include "share/why/state.h"

bool why_end_is_known(const struct profile *profile); /* the status is */
void why_say_status(struct why_statement *statement, const struct profile *profile);

bool why_is_timed_out(struct why *why);
bool why_is_of_signal(struct why *why);
bool why_is_of_child(struct why *why);
bool why_is_of_shell(struct why *why);
bool why_is_refused(struct why *why);
bool why_is_exit(struct why *why);

/* Of many recordings that were put together. */
bool why_is_of_ranks(struct why *why);
