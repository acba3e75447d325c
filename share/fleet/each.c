#include "share/fleet/each.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/fleet/files.h"
#include "share/fleet/member.h"
#include "share/fleet/recording.h"
#include "share/number.h"

struct each {
	const struct fleet_wish *wish;
	const struct member_sink *sink;
	const char *skip;
	struct unread *unread;
	int stopped; /* by the sink, or by lack of memory */
};

/* ---- one file ---- */

/* Why it stopped is told apart from what a file may lack. */
static int hand_on(void *context, struct fleet_member *member)
{
	struct each *each = context;
	return each->stopped = each->sink->take(each->sink->context, member);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	(void)context;
	(void)samples;
	(void)n;
	return 0;
}

static int on_record(void *context, const struct profile_record *record)
{
	return merged_take(context, record);
}

static int hand_over(struct each *each, const struct profile *p)
{
	struct fleet_member member;
	if (p->memory.samples == 0 && !p->ended)
		return -ENODATA;
	int r = member_of_profile(&member, p, each->wish);
	if (r < 0) {
		member_free(&member);
		return each->stopped = r;
	}
	return hand_on(each, &member);
}

static int note_cut(struct unread *unread, const char *path)
{
	if (unread->n_cut++ > 0)
		return 0;
	unread->cut = strdup(path);
	return unread->cut ? 0 : -ENOMEM;
}

/* What merge wrote says at its head how many there are, and ends with an EXIT. */
static bool is_cut(const struct profile *p, const struct merged *merged)
{
	const char *told = profile_setting(p, "merged");
	long n;
	if (!merged->any || p->flaws.truncated)
		return p->flaws.truncated;
	bool lacks = told && number_whole(told, &n) == 0 && n > 0 && (unsigned long)n > merged->n;
	return lacks || !p->ended;
}

/* Its samples are let go before the member is handed over, but for what is in that. */
static int read_file(struct each *each, const char *path)
{
	static const struct profile_sink also = { on_samples, on_record };
	const struct member_sink sink = { hand_on, each };
	struct merged merged = { .sink = &sink, .wish = each->wish };
	const struct profile_wish wish = { .columns = member_columns(each->wish),
					   .curves = !each->wish->growth,
					   .also = &also,
					   .also_context = &merged };
	struct profile profile;
	int r = profile_load(&profile, path, &wish);
	if (r < 0) {
		merged_forget(&merged);
		return r;
	}
	if (merged.any)
		r = merged_end(&merged);
	else
		r = hand_over(each, &profile);
	if (r == 0 && is_cut(&profile, &merged))
		r = each->stopped = note_cut(each->unread, path);
	merged_forget(&merged);
	profile_free(&profile);
	return r;
}

/* ---- all of them ---- */

static int note_unread(struct unread *unread, const char *path, int why)
{
	if (unread->n++ > 0)
		return 0;
	unread->first = strdup(path);
	unread->why = why == -ENODATA ? 0 : why;
	return unread->first ? 0 : -ENOMEM;
}

static bool is_skipped(const char *skip, const char *path)
{
	struct stat a, b;
	return skip && stat(skip, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int read_files(struct each *each, const struct files *files)
{
	int r = 0;
	for (size_t i = 0; i < files->n && r == 0; i++) {
		if (is_skipped(each->skip, files->paths[i]))
			continue;
		r = read_file(each, files->paths[i]);
		each->unread->named += r < 0 && files->named;
		bool fatal = each->stopped != 0 || r == -ENOMEM || r == -ENOTSUP;
		if (r < 0 && !fatal)
			r = note_unread(each->unread, files->paths[i], r);
	}
	return r;
}

int fleet_each(const char *const *paths, size_t n, const struct fleet_wish *wish,
	       const struct member_sink *sink, const char *skip, struct unread *unread)
{
	static const struct fleet_wish nothing = { 0 };
	struct each each = { wish ? wish : &nothing, sink, skip, unread, 0 };
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		struct files files = { 0 };
		r = files_add(&files, paths[i]);
		unread->named += r < 0;
		if (r < 0 && r != -ENOMEM)
			r = note_unread(unread, paths[i], r);
		else if (r == 0)
			r = read_files(&each, &files);
		if (r == 0 && files.unlisted)
			r = note_unread(unread, files.unlisted, files.why);
		files_free(&files);
	}
	return r;
}
