/* Bytes as they come, made into records. */
#pragma once

#include "share/profile/record.h"

/* {0} with a sink to begin with. */
struct profile_reader {
	const struct profile_sink *sink;
	void *context;
	struct profile_flaws flaws; /* of all that was taken; cut: the last line has no end yet */
	char *buffer; /* a line that has no end yet, with slack for the scanner before and behind */
	size_t allocated, kept;
	char *text; /* the texts of one record */
	size_t text_size;
	bool skipping; /* the rest of a line that is too long */
};

/* Room for `n` bytes, to be filled with what follows; NULL: no memory. */
char *profile_reader_room(struct profile_reader *reader, size_t n);

/* So many of them were filled: hands on every whole line. 0, -ENOMEM, or what the sink returned,
 * upon which the reader is of no more use. */
int profile_reader_take(struct profile_reader *reader, size_t n);

/* All that `input` has, until its end; it may have more later. 0, -errno, or what the sink
 * returned. */
int profile_reader_read(struct profile_reader *reader, struct profile_input *input);

void profile_reader_free(struct profile_reader *reader);
