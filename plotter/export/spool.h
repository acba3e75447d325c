/* Every sample of the recordings that are read, in order, for what writes samples instead of a
 * picture: kept while a recording is read, so that each is read once, be it a file or a pipe. In
 * memory as long as it is little, then in a file without a name. */
#pragma once

#include "share/profile/profile.h"

struct spool {
	int fd; /* if is_file */
	bool is_file;
	char *block; /* what is not in the file yet */
	size_t used;
	uint64_t flushed;   /* bytes before the block */
	struct spool_span { /* of one recording */
		uint64_t start, end;
		uint64_t counts[PROFILE_KINDS]; /* how many of each kind */
	} * spans, last;                        /* last: of the one being read */
	size_t n;                               /* spans */
};

/* For profile_wish's `also`, with the spool, {0} to begin with, as its context. Keeps the records
 * that hold a sample of their own, and of several runs the last one's. */
extern const struct profile_sink spool_sink;

void spool_begin(struct spool *spool); /* a recording; what was not kept before it goes */
int spool_keep(struct spool *spool); /* the recording that was read is the next span; or -ENOMEM */

/* Hands on what a recording had of a kind, or with PROFILE_KINDS all. Of a record only `at`, pid,
 * text and whole_device are kept. 0, -errno, or what the sink returned. */
int spool_replay(struct spool *spool, size_t span, enum profile_kind kind,
		 const struct profile_sink *sink, void *context);
void spool_free(struct spool *spool);
