/* What peak prints of GPUs. */
#pragma once

struct profile;

/* A line for each device and each kind of figure that the recording has of it. */
void peak_print_gpus(const struct profile *profile);
