/* The last words of a container, which Kubernetes shows for it (kubectl describe pod): the peak,
 * written ahead, since whoever is killed for memory there takes the recorder with it. What somebody
 * else has written into that file is left alone. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/running.h"
#include "share/command.h"
#include "share/environment.h"
#include "share/fault.h"
#include "share/text.h"

enum { TEXT = 1024, PART = 160 }; /* bytes; Kubernetes keeps 4096 */

static const int64_t PAUSE = 1000000000; /* ns between two writes */
static const double HIGHER = 1.05;       /* what is a new peak */
static const char OURS[] = "mprof-c: ";

struct termination_log {
	const char *path; /* as asked for; "off"; NULL: where Kubernetes has it */
	int fd;           /* -1: nothing is written */
	char text[TEXT];  /* that was written last */
	size_t used;
	uint64_t told, told_group; /* bytes, that are in it */
	int64_t due;               /* monotonic ns: of the next write */
	bool inner;                /* in another recording, which speaks for the container */
};

static const struct option_type type_log = { "FILE", "a file, or off", option_parse_text, NULL };

#define AT(member) offsetof(struct termination_log, member)
static const struct command_option options[] = {
	{ 0, "termination-log", &type_log, AT(path),
	  "write the peak, ahead of the end, to FILE; off: not even under Kubernetes" },
	{ 0 },
};

/* ---- the file ---- */

/* Empty, or of a recorder before us. */
static bool is_ours(int fd)
{
	char head[sizeof OURS];
	ssize_t n = pread(fd, head, sizeof OURS - 1, 0);
	return n == 0 || (n == sizeof OURS - 1 && memcmp(head, OURS, sizeof OURS - 1) == 0);
}

/* A descriptor or -errno; -EEXIST: it holds something else. */
static int open_log(const char *path, int how)
{
	struct stat status;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return -EINVAL;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | how, 0644);
	if (fd < 0)
		return -errno;
	int error = fstat(fd, &status) < 0               ? -errno
		    : !S_ISREG(status.st_mode)           ? -EINVAL
		    : status.st_size > 0 && !is_ours(fd) ? -EEXIST
							 : 0;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* Nobody has written into it since. */
static bool is_untouched(const struct termination_log *t)
{
	char there[TEXT];
	struct stat status;
	if (fstat(t->fd, &status) < 0)
		return false;
	if (t->used == 0)
		return status.st_size == 0 || is_ours(t->fd);
	return status.st_size == (off_t)t->used &&
	       pread(t->fd, there, t->used, 0) == (ssize_t)t->used &&
	       memcmp(there, t->text, t->used) == 0;
}

/* It is at no moment empty: whoever reads it then finds the line before. */
static void write_line(struct termination_log *t, const char *text)
{
	size_t n = strlen(text);
	if (is_untouched(t) && pwrite(t->fd, text, n, 0) == (ssize_t)n &&
	    ftruncate(t->fd, (off_t)n) == 0) {
		memcpy(t->text, text, n);
		t->used = n;
		return;
	}
	close(t->fd);
	t->fd = -1;
}

/* ---- the line ---- */

static void say_moment(char out[PART], int64_t us)
{
	struct tm moment;
	time_t seconds = (time_t)(us / 1000000);
	*out = '\0';
	if (us > 0 && gmtime_r(&seconds, &moment))
		strftime(out, PART, " at %Y-%m-%d %H:%M:%S UTC", &moment);
}

static void say_rank(char out[PART], const struct recording *r)
{
	const char *rank = r->launcher.rank;
	char *shown = rank ? text_printable(rank) : NULL;
	snprintf(out, PART, "%s%.64s", shown ? ", rank " : "", shown ? shown : "");
	free(shown);
}

static void say_allowed(char out[PART], const struct recording *r)
{
	char limit[FORMAT_SIZE];
	*out = '\0';
	if (r->limit.bytes > 0)
		snprintf(out, PART, " of %s allowed", figure_say(limit, r->limit.bytes));
}

/* The limit is the group's, and there may be others in it. A figure below the program's own is of
 * before. */
static void say_group(char out[PART], const struct recording *r, uint64_t bytes)
{
	char most[FORMAT_SIZE];
	*out = '\0';
	if (r->group.most > bytes)
		snprintf(out, PART, "; its control group at least %s",
			 figure_say(most, r->group.most));
}

static void make_line(char text[TEXT], const struct recording *r, const char *peak, uint64_t bytes,
		      int64_t us, const char *end)
{
	char figure[FORMAT_SIZE], allowed[PART], moment[PART], rank[PART], group[PART];
	say_allowed(allowed, r);
	say_moment(moment, us);
	say_rank(rank, r);
	say_group(group, r, bytes);
	snprintf(text, TEXT, "%s%s %s%s%s%s%s%s\n", OURS, peak,
		 bytes > 0 ? figure_say(figure, bytes) : "", allowed, moment, rank, group, end);
}

/* ---- the hooks ---- */

static bool is_off(const struct termination_log *t)
{
	return t->path && strcmp(t->path, "off") == 0;
}

static int check(void *state, struct recording *r)
{
	struct termination_log *t = state;
	t->inner = environment_word(RUNNING_FILE) != NULL;
	if (!t->path || is_off(t))
		return -1;
	if (r->options.output && strcmp(r->options.output, t->path) == 0)
		return fault(STATUS_USAGE, "-o and --termination-log name one file, %s", t->path);
	t->fd = open_log(t->path, O_CREAT);
	if (t->fd == -EEXIST)
		return fault(STATUS_FAULT,
			     "%s holds something else; it is not overwritten: name "
			     "another file for --termination-log",
			     t->path);
	if (t->fd < 0)
		return fault(STATUS_FAULT, "cannot write %s: %s", t->path,
			     t->fd == -EINVAL ? "it is no file" : strerror(-t->fd));
	return -1;
}

/* By whatever name. */
static bool is_recording(const struct termination_log *t, const struct recording *r)
{
	struct stat log, recording;
	return fstat(t->fd, &log) == 0 && fstat(r->writer.fd, &recording) == 0 &&
	       log.st_dev == recording.st_dev && log.st_ino == recording.st_ino;
}

static void prepare(void *state, struct recording *r)
{
	char path[MACHINE_PATH];
	struct termination_log *t = state;
	machine_path(path, "/dev/termination-log");
	if (!t->path && !t->inner && environment_word("KUBERNETES_SERVICE_HOST"))
		t->fd = open_log(path, 0);
	if (t->fd < 0 || !is_recording(t, r))
		return;
	close(t->fd);
	t->fd = -1;
}

static bool is_higher(uint64_t now, uint64_t told)
{
	return now > 0 && (double)now > HIGHER * (double)told;
}

static void act(void *state, struct recording *r, int64_t now)
{
	char text[TEXT];
	struct termination_log *t = state;
	bool higher = is_higher(r->memory.peak, t->told) || is_higher(r->group.most, t->told_group);
	if (t->fd < 0 || !higher || now < t->due)
		return;
	make_line(text, r, known_peak(KNOWN_SAMPLED), r->memory.peak, r->memory.peak_us, "");
	write_line(t, text);
	t->told = r->memory.peak;
	t->told_group = r->group.most;
	t->due = now + PAUSE;
}

static int say(void *state, const struct recording *r, int status)
{
	char text[TEXT], how[PART], end[FORMAT_SIZE];
	struct termination_log *t = state;
	const char *words = r->kill.words, *other = r->kill.other;
	if (t->fd < 0)
		return status;
	snprintf(how, sizeof how, "; %s%s%s", words ? words : format_end(end, r->target.status),
		 other ? "; a process that it started was " : "", other ? other : "");
	make_line(text, r, known_peak(r->peak.known), r->peak.bytes, r->peak.us, how);
	write_line(t, text);
	return status;
}

static void close_log(void *state)
{
	struct termination_log *t = state;
	if (t->fd >= 0)
		close(t->fd);
}

static const struct termination_log initial = { .fd = -1 };

const struct probe probe_termination_log = {
	.state_size = sizeof(struct termination_log),
	.initial = &initial,
	.options = options,
	.of_ours = true,
	.check = check,
	.prepare = prepare,
	.act = act,
	.say = say,
	.close = close_log,
};
