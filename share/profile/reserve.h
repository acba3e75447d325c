/* The buffer of a writer, for those that make records. */
#pragma once

#include "share/profile/writer.h"

/* Room for `n` more bytes at the returned place, behind what is used; NULL: there is no memory. */
char *writer_reserve(struct profile_writer *writer, size_t n);

/* Forgets a record that was begun at `start` and had no room, and counts it. Returns -ENOMEM. */
int writer_give_up(struct profile_writer *writer, size_t start);
