/* Recording a process that runs already: the attach command, and run's -a. */
#pragma once

#include "recorder/record.h"

extern const struct command command_attach;

/* Records the process that `word` means. The exit status. */
int attach_to(const struct record_options *options, const char *word);
