/* Hides the agent from the program's os.environ, and gives its children what it was started with.
 */
#pragma once

void environment_hide(void);    /* before Python copies it */
void environment_restore(void); /* once it has */
