/* From the bytes of a recording to a profile, at once or as they come. */
#pragma once

#include "share/profile/profile.h"

struct profile_wish {
	size_t columns; /* kept per series, 0: a default that suits any screen (4096) */
	/* Window in seconds from the first sample; both 0: everything. The nearest sample outside
	 * on either side is kept too, so that a curve reaches the edges. */
	double from, to;
	bool only_curves; /* memory, peaks and children; no calls, lines, marks, growth or second
			     metrics */
	/* Is handed all that is read, too, once it has been taken; or NULL. */
	const struct profile_sink *also;
	void *also_context;
};

/* Reads the last run of `path`. Memory is bounded whatever the file's size. 0, or -errno of opening
 * and reading; a file without a single sample is read all the same (memory.samples == 0). */
int profile_load(struct profile *profile, const char *path, const struct profile_wish *wish);

/* The same in pieces: what has been told so far is a profile at any moment, the very one that
 * profile_load makes of the same bytes in a file. */
struct profile_loader;

/* `path` is what the profiles will be called; `wish` may be NULL. 0 or -ENOMEM. */
int profile_loader_open(struct profile_loader **loader, const char *path,
			const struct profile_wish *wish);

/* The next bytes; a line may be in several pieces. 0, -ENOMEM, or what wish->also returned, upon
 * which the loader can only be freed. */
int profile_loader_feed(struct profile_loader *loader, const void *bytes, size_t n);

/* All that the input has until its end; again, later, what a growing file has got since. 0, -errno,
 * or as above. */
int profile_loader_read(struct profile_loader *loader, struct profile_input *input);

/* What has been told so far, for the caller to free; the loader goes on. 0, or -ENOMEM, upon which
 * there is nothing to free. */
int profile_loader_snapshot(const struct profile_loader *loader, struct profile *profile);

/* The same without a copy: the loader can only be freed afterwards. */
void profile_loader_finish(struct profile_loader *loader, struct profile *profile);

void profile_loader_free(struct profile_loader *loader); /* NULL is accepted */
