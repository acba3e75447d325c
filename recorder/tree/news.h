/* What the watcher is told of a member, and of which moment: monotonic ns. */
#pragma once

#include <stdint.h>

struct family;
struct member;

/* That it is there, or has called exec. */
void news_born(const struct family *family, struct member *member, int64_t at);

/* Its name, which it has since its birth, or its new one. */
void news_name(const struct family *family, struct member *member, int64_t now);
void news_gone(const struct family *family, struct member *member);
