/* Compressed recordings, through zlib: serves the hook profile_decompress of
 * share/profile/input.h. */
#pragma once

struct profile_input;

/* Takes the descriptor over. Members behind one another are read as one; a stream that breaks off
 * ends there, as a recording whose writer was killed does; damage is -EIO. 0, or -ENOMEM. */
int gzip_open(struct profile_input *input, int fd);
