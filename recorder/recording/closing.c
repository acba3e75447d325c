#include "recorder/recording/closing.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/recording/ends.h"
#include "recorder/recording/recording.h"
#include "share/environment.h"
#include "share/fault.h"
#include "share/growth/outlook.h"
#include "share/why/why.h"

/* A log has no use for it, but of one that others read for what a run came to, as that of a job. */
static bool is_wanted(const struct recording *r)
{
	return !r->options.quiet &&
	       (isatty(STDERR_FILENO) || environment_word("CI") || r->batch.on);
}

/* What went to a pipe is not there any more: its ends, which are still known. 0 or -errno. */
static int read_ends(struct recording *r, struct profile *profile)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	const struct profile_writer writer = r->writer;
	struct profile_loader *loader;
	int e = profile_loader_open(&loader, r->path, &wish);
	if (e < 0)
		return e;
	r->writer = (struct profile_writer){ .fd = -1 };
	ends_put_again(r);
	e = profile_loader_feed(loader, r->writer.buffer, r->writer.used);
	free(r->writer.buffer);
	r->writer = writer;
	if (e == 0)
		return profile_loader_finish(loader, profile);
	profile_loader_free(loader);
	return e;
}

static int read_back(struct recording *r, struct profile *profile)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	int e = r->file.named ? profile_load(profile, r->path, &wish) : -ESPIPE;
	return e < 0 ? read_ends(r, profile) : e;
}

static void say(const struct why *why)
{
	char first[WHY_LINE], second[WHY_LINE];
	why_closing(first, second, why);
	notice("%s", first);
	if (*second)
		notice("%s", second);
}

void closing_say(struct recording *r)
{
	struct profile profile;
	struct why why;
	if (!is_wanted(r) || read_back(r, &profile) < 0)
		return;
	if (why_ask(&why, &profile, WHY_WRITER_GONE) == 0) {
		say(&why);
		why_free(&why);
	}
	profile_free(&profile);
}
