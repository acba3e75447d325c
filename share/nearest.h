/* “Did you mean …?” */
#pragma once

/* The candidate (NULL-terminated list) that is few typing slips away from `word`, or NULL when none
 * is near. */
const char *nearest(const char *word, const char *const *candidates);
