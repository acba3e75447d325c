#include "recorder/python/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/python/elf.h"
#include "recorder/python/remote.h"
#include "share/regular.h"
#include "share/text.h"

enum { MOST_MAPS = 65536, MOST_BYTES = 64 << 20, PTHREAD_SEARCHED = 1024, MOST_INTERPRETERS = 256 };

static bool begins(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* A leading thread that has ended has neither program nor memory. */
static pid_t stand_in(pid_t pid)
{
	pid_t live = procfs_live_thread(pid);
	return live > 0 ? live : pid;
}

static int read_program(pid_t pid, char path[PATH_MAX])
{
	char link[64];
	snprintf(link, sizeof link, "/proc/%d/exe", (int)stand_in(pid));
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

int runtime_is_likely(pid_t pid)
{
	char path[PATH_MAX];
	int r = read_program(pid, path);
	if (r == -EACCES || r == -EPERM) /* somebody else's, or it hides: its name is public */
		r = procfs_once(pid, "comm", path, sizeof path) > 0 ? 0 : r;
	return r < 0 ? r : begins(text_base_name(path), "python");
}

/* ---- the file that holds the interpreter ---- */

/* The minor version in "libpython3.11.so.1.0" or "python3.11"; 0: none. */
static int version_in_name(const char *path)
{
	const char *at = strstr(text_base_name(path), "python3.");
	int minor = at ? atoi(at + strlen("python3.")) : 0;
	return minor > 0 && minor < 256 ? 0x0300 | minor : 0;
}

struct mapping {
	unsigned long low, high, offset;
	char path[PATH_MAX];
};

/* By the mapping itself, for whom the kernel lets (root), since what stands in a file's place can
 * be another by now; else by its path, as the process sees it, which may live in another root. */
static int open_mapped(pid_t pid, const struct mapping *map)
{
	char full[PATH_MAX + 32];
	struct stat status;
	snprintf(full, sizeof full, "/proc/%d/map_files/%lx-%lx", (int)stand_in(pid), map->low,
		 map->high);
	int fd = regular_open(full, 0, &status);
	if (fd >= 0)
		return fd;
	snprintf(full, sizeof full, "/proc/%d/root%s", (int)stand_in(pid), map->path);
	return regular_open(full, O_NOFOLLOW, &status);
}

/* A version that the process itself tells goes before the one in its name. */
static int look_into(struct runtime *r, const struct mapping *map, size_t *allowed)
{
	struct elf_python found;
	uint32_t version = 0;
	int fd = open_mapped(r->pid, map);
	if (fd < 0)
		return -ENOENT;
	int e = elf_find_python(fd, allowed, &found);
	close(fd);
	if (e < 0)
		return -ENOENT;
	uint64_t shift = map->low - found.first_page;
	r->at = found.runtime + shift;
	if (found.version && remote_read(r->pid, found.version + shift, &version, sizeof version))
		r->version = (int)(version >> 16);
	if (r->version == 0)
		r->version = version_in_name(map->path);
	return 0;
}

/* "low-high perms offset device inode   path": proc_pid_maps(5). false: it is no file's. */
static bool parse_mapping(const char *line, struct mapping *map)
{
	char perms[8];
	return sscanf(line, "%lx-%lx %7s %lx %*s %*s %4095[^\n]", &map->low, &map->high, perms,
		      &map->offset, map->path) == 5 &&
	       map->path[0] == '/';
}

/* The first mapping of a file is the one of its lowest addresses. */
static int find_file(struct runtime *r, FILE *maps)
{
	char line[PATH_MAX + 128], program[PATH_MAX] = "", last[PATH_MAX] = "";
	struct mapping map;
	size_t allowed = MOST_BYTES;
	int e = read_program(r->pid, program);
	for (int n = 0; e == 0 && n < MOST_MAPS && fgets(line, sizeof line, maps); n++) {
		if (!parse_mapping(line, &map) || strcmp(map.path, last) == 0)
			continue;
		strcpy(last, map.path);
		bool is_program = strcmp(map.path, program) == 0;
		if (map.offset == 0 &&
		    (is_program || begins(text_base_name(map.path), "libpython3")) &&
		    look_into(r, &map, &allowed) == 0)
			return 0;
	}
	return e < 0 ? e : -ENOENT;
}

static int find_place(struct runtime *r)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/maps", (int)stand_in(r->pid));
	FILE *maps = fopen(path, "re");
	if (!maps)
		return errno == EACCES || errno == EPERM ? -EPERM : -ESRCH;
	int e = find_file(r, maps);
	fclose(maps);
	return e;
}

/* ---- what it says of itself ---- */

static int take_offsets(struct runtime *r)
{
	uint8_t told[OFFSETS_TOLD];
	int e = remote_check(r->pid, r->at);
	if (e < 0)
		return e == -ESRCH ? -ESRCH : e == -EFAULT ? -EAGAIN : -EPERM;
	if (!remote_read(r->pid, r->at, told, sizeof told))
		return -EAGAIN;
	e = offsets_take(&r->offsets, told, &r->free_threaded);
	if (r->offsets.version)
		r->version = r->offsets.version;
	if (e != -ENOENT)
		return e == -EINVAL ? -ENOTSUP : e;
	const struct offsets *known = offsets_of(r->version);
	if (!known) /* until it has started, one that will tell its offsets has not done so */
		return r->version >= 0x030d ? -EAGAIN : -ENOTSUP;
	r->offsets = *known;
	return 0;
}

int runtime_find(struct runtime *r, pid_t pid)
{
	*r = (struct runtime){ .pid = pid };
	int e = find_place(r);
	if (e == 0)
		e = take_offsets(r);
	if (e == 0 && !remote_pointer(pid, r->at + (unsigned)r->offsets.runtime_head))
		e = -EAGAIN;
	return e;
}

/* ---- threads ---- */

static uint64_t member(const struct runtime *r, uint64_t at, int offset)
{
	return at ? remote_pointer(r->pid, at + (unsigned)offset) : 0;
}

/* Subinterpreters come first; the newest is the first, the main one the last. */
size_t runtime_threads(const struct runtime *r, uint64_t *threads, size_t most)
{
	enum { MOST_STEPS = 4096 };
	const struct offsets *o = &r->offsets;
	size_t n = 0;
	int steps = 0;
	uint64_t interpreter = member(r, r->at, o->runtime_head);
	for (int i = 0; interpreter && i < MOST_INTERPRETERS; i++) {
		uint64_t thread = member(r, interpreter, o->interpreter_threads);
		for (; thread && steps < MOST_STEPS; thread = member(r, thread, o->thread_next)) {
			threads[n < most ? n++ : most - 1] = thread;
			steps++;
		}
		interpreter = member(r, interpreter, o->interpreter_next);
	}
	return n;
}

static uint64_t holder_of(const struct runtime *r, uint64_t gil)
{
	const struct offsets *o = &r->offsets;
	int locked = 0;
	if (!gil || !remote_read(r->pid, gil + (unsigned)o->gil_locked, &locked, sizeof locked) ||
	    locked != 1)
		return 0;
	return member(r, gil, o->gil_holder);
}

/* From 3.12 on, an interpreter may have a lock of its own, so that several threads hold one. */
static uint64_t holder_by_gil(const struct runtime *r)
{
	const struct offsets *o = &r->offsets;
	uint64_t interpreter = member(r, r->at, o->runtime_head), last = 0, found = 0;
	for (int i = 0; interpreter && i < MOST_INTERPRETERS; i++) {
		uint64_t gil = member(r, interpreter, o->interpreter_gil);
		uint64_t holder = gil != last ? holder_of(r, gil) : 0;
		if (found && holder && holder != found)
			return 0;
		found = holder ? holder : found;
		last = gil;
		interpreter = member(r, interpreter, o->interpreter_next);
	}
	return found;
}

uint64_t runtime_holder(const struct runtime *r)
{
	const struct offsets *o = &r->offsets;
	return o->runtime_current >= 0 ? member(r, r->at, o->runtime_current) : holder_by_gil(r);
}

/* Where the C library keeps the thread's number is found by the main thread's, which is the
 * process': the first word that holds it in the main thread's structure. */
static int find_thread_id(const struct runtime *r)
{
	uint64_t threads[256];
	int32_t words[PTHREAD_SEARCHED / 4];
	size_t n = runtime_threads(r, threads, sizeof threads / sizeof *threads);
	uint64_t main = n ? member(r, threads[n - 1], r->offsets.thread_id) : 0;
	if (!main || !remote_read(r->pid, main, words, sizeof words))
		return -1;
	for (int i = 0; i < PTHREAD_SEARCHED / 4; i++)
		if (words[i] == r->pid)
			return i * 4;
	return -1;
}

pid_t runtime_thread_number(struct runtime *r, uint64_t thread)
{
	const struct offsets *o = &r->offsets;
	int32_t number = 0;
	if (o->thread_native >= 0)
		number = (int32_t)member(r, thread, o->thread_native);
	else if (r->thread_id_at == 0)
		r->thread_id_at = find_thread_id(r);
	if (o->thread_native < 0 && r->thread_id_at > 0)
		remote_read(r->pid, member(r, thread, o->thread_id) + (unsigned)r->thread_id_at,
			    &number, sizeof number);
	return number > 0 ? number : 0;
}
