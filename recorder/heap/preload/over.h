/* The program clears away before it ends: what it frees after its main, or in exit(3), it has held
 * till the end. */
#pragma once

#include <stdbool.h>

bool over_is(void);
