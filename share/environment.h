/* What the environment says, and finds. */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* A variable's value; NULL where it is not set, or empty. */
const char *environment_word(const char *name);

/* Is there a desktop's display, X's or Wayland's? */
bool environment_has_display(void);

/* Where execvp would look: `name` itself if it holds a slash, else the first file of that name in
 * PATH that is one by `is`. False: nowhere. */
bool environment_find(const char *name, bool (*is)(const char *path), char path[PATH_MAX]);

/* For environment_find: may we execute it? */
bool environment_is_executable(const char *path);
