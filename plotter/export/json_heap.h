/* A sampled heap in arrays of JSON, each a member of the object under way: who holds it, and how
 * much at every moment at which that changed. Write errors are left in ferror(out). */
#pragma once

#include "plotter/export/export.h"

int json_heap(const struct export *export); /* 0 or -ENOMEM */
