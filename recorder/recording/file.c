#include "recorder/recording/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recorder/recording/naming.h"
#include "recorder/recording/recording.h"
#include "share/commands/place.h"
#include "share/fault.h"

static const int64_t SECOND = 1000000000;
static const long PAUSE = 10000000; /* ns between two looks for a reader */
enum { TRIES = 100, MOST_TROUBLES = 3 };

/* ---- the beginning ---- */

static bool is_pipe(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* Whoever reads a named pipe may come a moment later than we. */
static int create(struct recording *r)
{
	int how = PROFILE_REPLACE | (r->options.public ? PROFILE_PUBLIC : 0);
	int e = profile_create(&r->writer, r->path, how);
	for (int i = 0; i < TRIES && e == -ENXIO && is_pipe(r->path); i++) {
		nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
		e = profile_create(&r->writer, r->path, how);
	}
	return e;
}

/* Two that write one file would empty it for each other, and mix what they write. Where there are
 * no locks, as on some networks' disks, nobody is told of another. */
static bool is_taken(const struct recording *r)
{
	struct stat status;
	if (fstat(r->writer.fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	return flock(r->writer.fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* Said, since a process that we forked may have the descriptor for a moment longer. */
static void give_up_lock(const struct recording *r)
{
	if (r->writer.fd >= 0)
		flock(r->writer.fd, LOCK_UN);
}

/* A recording replaces a recording, never what the program is made of. */
static int check_place(const struct recording *r, char *const words[])
{
	if (strcmp(r->path, "-") == 0)
		return fault(STATUS_USAGE, "a recording goes to a file, and standard output is the "
					   "program's: name one with -o FILE, or ./- for a file of "
					   "that name");
	return place_check(r->path, REPLACE_RECORDING, (const char *const *)words);
}

static int say_unwritable(const struct recording *r, int error)
{
	if (error == -ENXIO && is_pipe(r->path))
		return fault(STATUS_FAULT, "nobody reads the pipe %s; start its reader first",
			     r->path);
	return place_say(r->path, REPLACE_RECORDING, error);
}

static int open_named(struct recording *r, const struct naming *naming, char *const words[])
{
	const char *template = r->options.output;
	char bad = 0;
	char *path;
	int e = naming_expand(template, naming, &path, &bad);
	if (e == -EINVAL && bad)
		return fault(STATUS_USAGE,
			     "%%%c in '%s' stands for nothing; there are %%p %%h %%r %%j %%t and "
			     "%%%%",
			     bad, template);
	if (e == -EINVAL)
		return fault(STATUS_USAGE,
			     "'%s' ends in a lone %%; there are %%p %%h %%r %%j %%t and %%%%",
			     template);
	if (e == -ENOENT)
		return fault(STATUS_USAGE, "no %s in the environment for %%%c in '%s'",
			     bad == 'r' ? "rank" : "job", bad, template);
	if (e < 0)
		return fault(STATUS_FAULT, "cannot write %s: %s", template, strerror(-e));
	r->path = path;
	int status = check_place(r, words);
	e = status == -1 ? create(r) : 0;
	if (e == 0 && status == -1 && is_taken(r)) {
		profile_finish(&r->writer);
		return fault(STATUS_FAULT, "another recorder writes %s; %s", path,
			     r->launcher.rank ? "give each rank its own, with %r in the name"
					      : "wait for its end or choose another name");
	}
	return e < 0 ? say_unwritable(r, e) : status;
}

static int open_unnamed(struct recording *r, const struct naming *naming)
{
	char *path;
	int e = naming_create(&r->writer, naming, r->options.public ? PROFILE_PUBLIC : 0, &path);
	if (e < 0)
		return fault(STATUS_FAULT,
			     "cannot make a recording in this folder: %s; name a place with -o "
			     "FILE",
			     strerror(-e));
	r->path = path;
	is_taken(r); /* not by another, since it is new; by us, from now on */
	return -1;
}

int file_open(struct recording *r, pid_t pid, char *const words[])
{
	struct stat status;
	const struct naming naming = { &r->launcher, pid, time(NULL) };
	int e = r->options.output ? open_named(r, &naming, words) : open_unnamed(r, &naming);
	if (e == -1 && fstat(r->writer.fd, &status) == 0)
		r->file = (struct file){ .device = status.st_dev,
					 .inode = status.st_ino,
					 .named = S_ISREG(status.st_mode) };
	return e;
}

void file_abandon(struct recording *r)
{
	bool created = r->writer.created;
	give_up_lock(r);
	profile_finish(&r->writer);
	if (created)
		unlink(r->path);
}

/* ---- meanwhile ---- */

/* Its name leads elsewhere: is there another name, or is what we write for nobody? */
static void say_lost(const struct recording *r)
{
	struct stat status;
	if (fstat(r->writer.fd, &status) == 0 && status.st_nlink > 0)
		alert("%s is not at its place any more; what is recorded goes where it was "
		      "moved to",
		      r->path);
	else
		alert("%s was deleted or replaced while it is recorded; keep what there is, "
		      "before the end, with: cp /proc/%d/fd/%d FILE",
		      r->path, (int)getpid(), r->writer.fd);
}

static void look_for(struct recording *r)
{
	struct stat status;
	struct file *f = &r->file;
	if (!f->named || f->lost)
		return;
	f->lost = stat(r->path, &status) < 0
			  ? errno == ENOENT || errno == ENOTDIR
			  : status.st_dev != f->device || status.st_ino != f->inode;
	if (f->lost)
		say_lost(r);
}

static void say_written_again(struct recording *r)
{
	const struct profile_writer *w = &r->writer;
	r->file.told = false;
	if (w->dropped > 0)
		notice("%s is written again; %" PRIu64 " record%s missing", r->path, w->dropped,
		       w->dropped == 1 ? " is" : "s are");
	else
		notice("%s is written again, and whole", r->path);
}

/* A disk that is full now and then is not told of for ever. */
static void say_trouble(struct recording *r)
{
	const struct profile_writer *w = &r->writer;
	bool behind = w->trouble == -EAGAIN;
	if (r->file.told && w->trouble == 0)
		say_written_again(r);
	if (r->file.told || w->trouble == 0 || (behind && w->untold == 0) ||
	    r->file.troubles >= MOST_TROUBLES)
		return;
	r->file.told = true;
	r->file.troubles++;
	if (behind)
		alert("whoever reads %s does not keep up: records are left out", r->path);
	else
		alert("cannot write %s: %s; the program is watched on without it", r->path,
		      strerror(-w->trouble));
}

void file_watch(struct recording *r, int64_t now)
{
	say_trouble(r);
	if (now - r->file.looked < SECOND)
		return;
	r->file.looked = now;
	look_for(r);
}

/* ---- the end ---- */

static void say_not_whole(const struct recording *r, int e)
{
	char missing[64] = "";
	uint64_t n = r->writer.dropped;
	if (n > 0)
		snprintf(missing, sizeof missing, "; %" PRIu64 " record%s not in it", n,
			 n == 1 ? " is" : "s are");
	if (e == -EAGAIN)
		fault(STATUS_FAULT, "whoever reads %s did not keep up%s", r->path, missing);
	else
		fault(STATUS_FAULT, "cannot write %s: %s%s%s", r->path, strerror(-e), missing,
		      r->target.ours ? ", the program ran on" : "");
}

/* Of what was told when it happened, the last line says how much it came to. */
bool file_finish(struct recording *r)
{
	look_for(r);
	give_up_lock(r);
	int e = profile_finish(&r->writer);
	if (e < 0 && !r->file.told)
		say_not_whole(r, e);
	return e == 0 && !r->file.lost;
}
