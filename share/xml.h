/* Text for XML, and for HTML. */
#pragma once

#include <stdio.h>

/* Its own characters escaped, for what stands between two tags; what XML forbids, or is not
 * printable, becomes U+FFFD. */
void xml_text(FILE *out, const char *text);
