/* Places of the file that is shared, each written once. */
#pragma once

#include <stdint.h>

/* Its offset / 8, as heap_site.places has it; 0: there is no room. The texts are UTF-8. */
uint32_t place_of_python(const char *path, const char *function, int line);

/* The same of a native return address, with the lock held. */
uint32_t place_of_code(uint64_t address);
