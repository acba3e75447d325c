/* The buffer of a writer, for those that make records. */
#pragma once

#include "share/profile/writer.h"

/* Room for `n` more bytes at the returned place, behind what is used; NULL: the writer has failed.
 */
char *writer_reserve(struct profile_writer *writer, size_t n);
