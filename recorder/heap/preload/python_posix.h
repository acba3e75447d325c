/* CPython's posix module, which copies the environment when it is executed: from 3.9 on by a slot
 * of its definition, once for each interpreter. */
#pragma once

/* From then on `around` is called with what executes it, and calls that. Before Python begins;
 * nothing where there is none, or it is not as expected. */
void python_posix_begin(int (*around)(int (*execute)(void *), void *module));
