/* A file that was written is shown by what the desktop shows such files with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Is there a desktop, and who opens files on it (MPROF_OPEN, else xdg-open)? -ENODEV: no display;
 * -ENOENT: nobody. */
int opening_can(void);
const char *opening_name(void); /* of that program */

/* Hands it over, and does not wait for it to be closed. 0, -errno, or -ECHILD where the program
 * said within a moment that it could not. */
int opening_show(const char *path);

/* What a picture of that recording is called where nobody says: "run.html" in this folder; the
 * caller frees it. NULL: no memory. */
char *opening_place(const char *recording, const char *extension);
