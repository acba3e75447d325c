/* Recording a process that runs already: the attach command, and run's -a. */
#pragma once

#include "recorder/recording/recording.h"

extern const struct command command_attach;

/* Records the process that `word` means. The exit status, or below 0 a signal to die of. */
int attach_to(struct recording *recording, const char *word);
