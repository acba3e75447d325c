/* Short names for what a script declares. For the build alone. */
#ifndef PAGE_EMBED_NAMES_H
#define PAGE_EMBED_NAMES_H

#include "plotter/page/embed/token.h"

enum { NAME_SHORT = 4 };

/* Sets short_as: one name for one, everywhere, so that no two fall together; the most frequent get
 * the shortest. Only what is declared (const, let, a parameter) and is nowhere the name of a
 * property keeps none of its own. -ENOMEM. */
int names_shorten(struct tokens *tokens);

void name_write(char to[static NAME_SHORT], int short_as);

#endif
