/* What becomes of a recording that cannot be written, or that nobody reads. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "tests/check.h"

static char path[] = "/tmp/mprof-writer-XXXXXX";

static void a_full_disk_is_told_and_holds_nobody_up(void)
{
	struct profile_writer w;
	CHECK_INT(profile_create(&w, "/dev/full", PROFILE_REPLACE), 0);
	CHECK_INT(profile_put_memory(&w, 1700000000000000, 1), 0);
	CHECK_INT(profile_flush(&w), -ENOSPC);
	CHECK_INT(w.trouble, -ENOSPC);
	CHECK_INT(profile_put_memory(&w, 1700000000000000, 1), 0);
	CHECK_INT(profile_flush(&w), -ENOSPC);
	CHECK_INT(profile_finish(&w), -ENOSPC);
	CHECK_INT(w.dropped, 2);
	CHECK_INT(profile_finish(&w), -ENOSPC);
}

static void limit_files_to(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static struct profile load_file(void)
{
	struct profile p;
	CHECK_INT(profile_load(&p, path, NULL), 0);
	return p;
}

/* What could not be written is, once there is room. */
static void what_waits_for_room_is_written(void)
{
	struct profile_writer w;
	signal(SIGXFSZ, SIG_IGN);
	CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
	CHECK_INT(profile_clear(&w), 0);
	limit_files_to(100);
	for (int i = 0; i < 20; i++) {
		profile_put_memory(&w, 1700000000000000 + i, 1);
		profile_flush(&w);
	}
	CHECK_INT(w.trouble, -EFBIG);
	CHECK_INT(w.bytes % 31, 0); /* whole lines */
	limit_files_to(RLIM_INFINITY);
	CHECK_INT(profile_finish(&w), 0);
	CHECK_INT(w.dropped, 0);
	struct profile p = load_file();
	CHECK_INT(p.memory.samples, 20);
	profile_free(&p);
}

/* Beyond what may wait, records are dropped, the newest first; the file says how many. */
static void a_gap_is_told(void)
{
	enum { TIMES = 60000 };
	struct profile_writer w;
	CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
	CHECK_INT(profile_clear(&w), 0);
	limit_files_to(10);
	for (int i = 0; i < TIMES; i++) {
		profile_put_memory(&w, 1700000000000000 + i, 1);
		if (i % 100 == 0)
			profile_flush(&w);
	}
	CHECK(w.dropped > 0 && w.used < 2 << 20);
	limit_files_to(RLIM_INFINITY);
	nanosleep(&(struct timespec){ 0, 150000000 }, NULL); /* it is tried anew */
	char told[32];
	profile_flush(&w);
	uint64_t dropped = w.dropped;
	profile_put_memory(&w, 1700000000000000 + TIMES, 7 << 20);
	CHECK_INT(profile_finish(&w), -EFBIG);
	snprintf(told, sizeof told, "%llu", (unsigned long long)dropped);
	struct profile p = load_file();
	CHECK_STR(profile_setting(&p, "dropped"), told);
	CHECK_INT(p.memory.samples + dropped, TIMES + 1);
	CHECK_INT(p.memory.peak.umib, 7000000);
	profile_free(&p);
}

/* How it ended is in the file all the same, in place of its last samples, never of its head. */
static void the_end_finds_room(void)
{
	enum { TIMES = 200 };
	const struct profile_record end = { .kind = PROFILE_EXIT,
					    .status = 3,
					    .at.us = 1700000001000000 };
	for (rlim_t most = 60; most < 2000; most += 97) {
		struct profile_writer w;
		CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
		CHECK_INT(profile_clear(&w), 0);
		profile_put_lines(&w, "CMDLINE a\nMETA tool=mprof-c\n", 28);
		limit_files_to(most);
		for (int i = 0; i < TIMES; i++) {
			profile_put_memory(&w, 1700000000000000 + i, 1);
			profile_flush(&w);
		}
		profile_end_here(&w);
		profile_put(&w, &end);
		CHECK_INT(profile_finish(&w), -EFBIG);
		limit_files_to(RLIM_INFINITY);
		struct profile p = load_file();
		CHECK_STR(p.command, "a");
		CHECK_INT(p.flaws.malformed, 0);
		CHECK(!p.flaws.cut);
		CHECK(p.ended == (most > 152));
		if (p.ended) {
			CHECK_INT(p.status, 3);
			CHECK_INT(p.memory.samples + w.dropped, TIMES);
			CHECK_STR(profile_setting(&p, "unwritten"), "size");
		}
		profile_free(&p);
	}
}

/* Nor is it lost where the file fills up within it: all of it takes the place of samples. */
static void an_end_of_many_lines_finds_room(void)
{
	enum { TIMES = 20, FOOT = 10 };
	const struct profile_record end = { .kind = PROFILE_EXIT,
					    .status = 3,
					    .at.us = 1700000001000000 };
	for (rlim_t most = 500; most < 1200; most += 13) {
		struct profile_writer w;
		CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
		CHECK_INT(profile_clear(&w), 0);
		profile_put_lines(&w, "CMDLINE a\nMETA tool=mprof-c\n", 28);
		limit_files_to(most);
		for (int i = 0; i < TIMES; i++)
			profile_put_memory(&w, 1700000000000000 + i, 1);
		profile_end_here(&w);
		for (int i = 0; i < FOOT; i++)
			profile_put_lines(&w, "META what_is_told_at_the_end=12\n", 32);
		profile_put(&w, &end);
		int r = profile_finish(&w);
		limit_files_to(RLIM_INFINITY);
		struct profile p = load_file();
		CHECK(p.ended);
		CHECK_INT(p.flaws.malformed, 0);
		CHECK_INT(p.memory.samples + w.dropped, TIMES);
		CHECK(r == 0 ? w.dropped == 0 : r == -EFBIG);
		profile_free(&p);
	}
}

/* A reader who sleeps in the middle of a line gets the rest of it, and then what comes behind. */
static void a_sleeping_reader_holds_nobody_up(void)
{
	enum { TIMES = 50000 };
	char fifo[64], *text = calloc((size_t)TIMES + 1, 40);
	struct profile_writer w;
	snprintf(fifo, sizeof fifo, "%s.fifo", path);
	CHECK_INT(mkfifo(fifo, 0600), 0);
	CHECK_INT(profile_create(&w, fifo, PROFILE_REPLACE), -ENXIO);
	int reader = open(fifo, O_RDONLY | O_NONBLOCK);
	CHECK_INT(profile_create(&w, fifo, PROFILE_REPLACE), 0);
	for (int i = 0; i < TIMES; i++) { /* which would not end, did it wait for anybody */
		profile_put_memory(&w, 1700000000000000 + i, 1);
		profile_flush(&w);
	}
	CHECK(w.dropped > 0);
	CHECK_INT(w.trouble, -EAGAIN);
	size_t used = 0;
	for (ssize_t n = 1; n > 0; used += n > 0 ? (size_t)n : 0) {
		n = read(reader, text + used, (size_t)TIMES * 40 - used);
		profile_flush(&w);
	}
	profile_put_memory(&w, 1700000000000000 + TIMES, 1);
	CHECK_INT(profile_finish(&w), -EAGAIN);
	used += (size_t)read(reader, text + used, (size_t)TIMES * 40 - used);
	unsigned long long gap = 0;
	char *end = memmem(text, used, "META dropped=", 13);
	CHECK(end && sscanf(end, "META dropped=%llu unwritten=reader\nMEM", &gap) == 1);
	uint64_t lines = 0;
	for (size_t i = 0; i < used; i++)
		lines += text[i] == '\n';
	CHECK_INT(lines + gap, TIMES + 2);
	close(reader);
	unlink(fifo);
	free(text);
}

/* What was read while it was being made is empty, or of nobody: that is told as well. */
static void what_has_no_name_is_a_whole_record(void)
{
	static const struct profile_record nameless[] = {
		{ .kind = PROFILE_PATH, .number = 1, .text = "" },
		{ .kind = PROFILE_FRAME,
		  .number = 1,
		  .path = 1,
		  .place.line = -7,
		  .function = " " },
		{ .kind = PROFILE_GROW, .increment = 1, .pid = 2, .thread = -1, .frame = 1 },
		{ .kind = PROFILE_VAL, .text = "" },
		{ .kind = PROFILE_BILL, .text = "" },
		{ .kind = PROFILE_FUNC, .function = "" },
		{ .kind = PROFILE_ENTER, .function = "", .thread = -1 },
		{ .kind = PROFILE_LINE, .place = { "", 0 }, .function = "", .pid = -1 },
		{ .kind = PROFILE_OOM, .device = "", .text = "" },
		{ .kind = PROFILE_OWED, .device = "", .function = "", .text = "" },
		{ .kind = PROFILE_PROC, .pid = 2, .ppid = -1, .text = "" },
		{ .kind = PROFILE_MARK, .text = "" },
	};
	struct profile_writer w;
	CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
	CHECK_INT(profile_clear(&w), 0);
	profile_put_memory(&w, 1700000000000000, 1);
	for (size_t i = 0; i < sizeof nameless / sizeof *nameless; i++)
		CHECK_INT(profile_put(&w, &nameless[i]), 0);
	CHECK_INT(profile_finish(&w), 0);
	struct profile p = load_file();
	CHECK_INT(p.flaws.lines, 1 + sizeof nameless / sizeof *nameless);
	CHECK_INT(p.flaws.malformed, 0);
	profile_free(&p);
}

/* In a program that is not ours an error is no signal, of which it would die; one that waits is its
 * own. */
static void a_guest_raises_no_signal(void)
{
	struct profile_writer w;
	sigset_t set, pending;
	int ends[2];
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	CHECK_INT(pipe(ends), 0);
	close(ends[0]);
	for (int round = 0; round < 2; round++) { /* then with both blocked */
		CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
		CHECK_INT(profile_clear(&w), 0);
		w.guest = true;
		limit_files_to(10);
		profile_put_memory(&w, 1700000000000000, 1);
		CHECK_INT(profile_flush(&w), -EFBIG);
		CHECK_INT(profile_finish(&w), -EFBIG);
		limit_files_to(RLIM_INFINITY);
		w = (struct profile_writer){ .fd = dup(ends[1]), .guest = true };
		profile_put_memory(&w, 1700000000000000, 1);
		CHECK_INT(profile_finish(&w), -EPIPE);
		sigpending(&pending);
		CHECK_INT(sigismember(&pending, SIGXFSZ), round);
		CHECK_INT(sigismember(&pending, SIGPIPE), 0);
		sigemptyset(&set);
		sigaddset(&set, SIGXFSZ);
		sigaddset(&set, SIGPIPE);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGXFSZ);
	}
	close(ends[1]);
	signal(SIGXFSZ, SIG_IGN); /* what waits is gone */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void a_recording_is_its_owners(void)
{
	static const struct {
		int how;
		mode_t mask, mode;
	} table[] = {
		{ 0, 022, 0600 },
		{ 0, 0277, 0400 },
		{ PROFILE_PUBLIC, 022, 0644 },
		{ PROFILE_PUBLIC, 027, 0640 },
	};
	struct profile_writer w;
	struct stat status;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		mode_t before = umask(table[i].mask);
		unlink(path);
		CHECK_INT(profile_create(&w, path, table[i].how), 0);
		umask(before);
		CHECK_INT(profile_finish(&w), 0);
		CHECK_INT(stat(path, &status), 0);
		CHECK_INT(status.st_mode & 0777, table[i].mode);
	}
}

int main(void)
{
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	RUN_MEASURED(a_full_disk_is_told_and_holds_nobody_up);
	RUN_MEASURED(what_waits_for_room_is_written);
	RUN_MEASURED(a_gap_is_told);
	RUN_MEASURED(the_end_finds_room);
	RUN_MEASURED(an_end_of_many_lines_finds_room);
	RUN_MEASURED(a_sleeping_reader_holds_nobody_up);
	RUN_MEASURED(what_has_no_name_is_a_whole_record);
	RUN_MEASURED(a_guest_raises_no_signal);
	RUN_MEASURED(a_recording_is_its_owners);
	unlink(path);
	return DONE();
}
