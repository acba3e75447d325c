#include "recorder/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/recording/running.h"
#include "share/fault.h"
#include "share/profile/sample.h"
#include "share/regular.h"

enum { TAIL = 1 << 18 }; /* bytes at the file's end that hold a whole sample of a large tree */

static const struct command_option options_table[] = { { 0 } };

/* ---- the newest sample of the recording ---- */

struct tail {
	int fd;
	bool begun;
};

/* The first piece begins in the middle of a line, which is left out. */
static ssize_t tail_read(void *handle, void *buffer, size_t size)
{
	struct tail *tail = handle;
	ssize_t n = read(tail->fd, buffer, size);
	if (n <= 0 || tail->begun)
		return n < 0 ? -errno : n;
	tail->begun = true;
	const char *newline = memchr(buffer, '\n', (size_t)n);
	if (!newline)
		return 0;
	size_t kept = (size_t)((char *)buffer + n - newline);
	memmove(buffer, newline, kept);
	*(char *)buffer = '#'; /* a line that is no record, before the first whole one */
	return (ssize_t)kept;
}

static int keep_newest(void *context, const struct sample *samples, size_t n)
{
	*(struct sample *)context = samples[n - 1];
	return 0;
}

/* Both 0 when there is none yet. Whatever the recording measures, so that the mark stands on its
 * curve. */
static struct sample newest_sample(const char *path)
{
	static const struct profile_sink sink = { .samples = keep_newest };
	struct stat status;
	struct tail tail = { .fd = regular_open(path, 0, &status) };
	struct profile_input input = { .read = tail_read, .handle = &tail };
	struct profile_flaws flaws;
	struct sample newest = { 0 };
	if (tail.fd < 0)
		return newest;
	tail.begun = lseek(tail.fd, -(off_t)TAIL, SEEK_END) <= 0;
	profile_read(&input, &sink, &newest, &flaws);
	close(tail.fd);
	return newest;
}

/* Nobody marks what is before the newest sample. */
static struct sample here(struct running *running, const char *path)
{
	struct sample at = newest_sample(path);
	int64_t now = running_now(running);
	at.us = now > at.us ? now : at.us;
	at.umib = at.umib > 0 ? at.umib : 0;
	return at;
}

/* ---- the command ---- */

static int mark(const char *label)
{
	struct running running;
	const char *path = getenv(RUNNING_FILE);
	int e = running_open(&running);
	if (e == -ENOENT)
		return STATUS_OK; /* a script says its marks whether it is recorded or not */
	if (e == 0) {
		profile_put(&running.writer, &(struct profile_record){ .kind = PROFILE_MARK,
								       .at = here(&running, path),
								       .text = label });
		e = running_flush(&running);
	}
	running_close(&running);
	return e < 0 ? fault(STATUS_FAULT, "cannot write a mark to %s: %s", path, strerror(-e))
		     : STATUS_OK;
}

static int run(int argc, char *argv[])
{
	int n, status = command_parse(&command_mark, OPERANDS_ANYWHERE, argc, argv, NULL, &n);
	if (status != -1)
		return status;
	if (n != 1)
		return fault(STATUS_USAGE, n ? "a mark has one label; quote it: mprof-c mark 'a b'"
					     : "give the mark a label: mprof-c mark LABEL");
	return mark(argv[1]);
}

const struct command command_mark = {
	.name = "mark",
	.usage = "LABEL",
	.summary = "mark this moment in the recording under way",
	.run = run,
	.options = options_table,
	.details = "For scripts under mprof-c run, which names the recording in MPROF_FILE. "
		   "Elsewhere it does nothing.",
};
