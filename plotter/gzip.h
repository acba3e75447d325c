/* Compressed recordings, through zlib: serves the hooks profile_decompress of share/profile/input.h
 * and output_compress of share/output.h. */
#pragma once

#include <stdio.h>

struct profile_input;

/* Takes the descriptor over. Members behind one another are read as one; a stream that breaks off
 * ends there, as a recording whose writer was killed does; damage is -EIO. 0, or -ENOMEM. */
int gzip_open(struct profile_input *input, int fd);

/* What is written to the stream goes to `plain`, compressed. NULL: no memory. */
FILE *gzip_write(FILE *plain, const char *comment);
