#include "recorder/bill/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/bill/classes.h"
#include "recorder/bill/hints.h"
#include "recorder/bill/smaps.h"
#include "recorder/bill/split.h"
#include "recorder/kernel/clock.h"
#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

enum { PIECE = 64 << 10 };

/* ---- the maps of one ---- */

struct source {
	struct smaps_parser parser;
	int64_t until; /* clock_cpu's; 0: none */
};

static bool is_late(const struct source *source)
{
	return source->until > 0 && clock_cpu() > source->until;
}

/* There may be many maps of next to nothing: how long it takes nothing tells beforehand. */
static int feed_all(struct source *source, int fd, char *piece)
{
	struct smaps_parser *parser = &source->parser;
	ssize_t n;
	int r = 0;
	while (r == 0 && (n = read(fd, piece, PIECE)) > 0)
		r = is_late(source) ? -ETIME : smaps_feed(parser, piece, (size_t)n);
	if (r == 0 && n < 0)
		r = -errno;
	return r < 0 ? r : smaps_finish(parser);
}

/* Maps that go while they are read, as those of who ends or execs do, end as if there were no more:
 * then there is no first one any more either. */
static bool is_gone(int fd, char *piece)
{
	return pread(fd, piece, 1, 0) != 1;
}

static int parse_file(struct source *source, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	char *piece = malloc(PIECE);
	int r = piece ? feed_all(source, fd, piece) : -ENOMEM;
	if (r == 0 && (source->parser.maps->n == 0 || is_gone(fd, piece)))
		r = -ESRCH;
	free(piece);
	close(fd);
	return r;
}

/* Of a process whose leading thread has ended, those of one that lives. */
static int parse_maps(struct source *source, pid_t pid)
{
	char path[MACHINE_PATH];
	machine_path(path, "/proc/%d/smaps", (int)pid);
	int r = parse_file(source, path);
	pid_t thread = r == -ESRCH ? procfs_live_thread(pid) : 0;
	if (thread == 0 || thread == pid)
		return r;
	machine_path(path, "/proc/%d/task/%d/smaps", (int)pid, (int)thread);
	return parse_file(source, path);
}

/* ---- the sum of one ---- */

static uint64_t add_up(const uint64_t bytes[BILL_CLASSES])
{
	uint64_t total = 0;
	for (size_t i = 0; i < BILL_CLASSES; i++)
		total += bill_is_beside((enum bill_class)i) ? 0 : bytes[i];
	return total;
}

/* What is resident, and in none of the maps: so much as it was before and after at the least. */
static uint64_t find_untold(const struct reading_process *process, uint64_t total)
{
	char text[256];
	uint64_t pages = 0, after = 0;
	if (process->bytes <= total + total / 100)
		return 0;
	if (procfs_once(process->pid, "statm", text, sizeof text) > 0 &&
	    procfs_parse_statm(text, &pages) == 0)
		after = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t least = after < process->bytes ? after : process->bytes;
	return least > total ? least - total : 0;
}

static bool is_same(const struct reading_process *process)
{
	struct procfs_stat stat;
	return process->start == 0 ||
	       (procfs_stat(process->pid, &stat) == 0 && stat.start == process->start);
}

static int sum_up(struct classes_sum *sum, const struct reading *r,
		  const struct reading_process *process, int64_t until)
{
	struct smaps_maps maps = { 0 };
	struct source source = { .parser = { .maps = &maps, .pss = r->pss }, .until = until };
	struct hints hints;
	int error = parse_maps(&source, process->pid);
	if (error == 0)
		error = is_same(process) ? 0 : -ESRCH;
	if (error == 0) {
		hints_read(&hints, process->pid);
		error = classes_add(sum, &maps, &hints.of_classes);
	}
	smaps_free(&maps);
	return error;
}

static void read_one(struct reading *r, const struct reading_process *process, int64_t until)
{
	struct classes_sum sum = { 0 };
	int error = sum_up(&sum, r, process, until);
	r->given_up = error == -ETIME;
	if (error < 0) {
		r->gone += error == -ESRCH;
		r->refused += error != -ESRCH;
		r->bytes[BILL_UNTOLD] += process->bytes;
		return;
	}
	if (!r->pss)
		sum.bytes[BILL_UNTOLD] += find_untold(process, add_up(sum.bytes));
	split_heap(&sum, &process->heap);
	for (size_t i = 0; i < BILL_CLASSES; i++)
		r->bytes[i] += sum.bytes[i];
}

void reading_do(void *context)
{
	struct reading *r = context;
	memset(r->bytes, 0, sizeof r->bytes);
	r->gone = r->refused = 0;
	r->given_up = false;
	int64_t until = r->most > 0 ? clock_cpu() + r->most : 0;
	for (size_t i = 0; i < r->n && !r->given_up; i++)
		read_one(r, &r->processes[i], until);
}
