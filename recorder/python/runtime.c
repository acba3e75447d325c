#include "recorder/python/runtime.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/exe_link.h"
#include "recorder/kernel/procfs.h"
#include "recorder/python/elf.h"
#include "recorder/python/mapped.h"
#include "recorder/python/remote.h"
#include "share/text.h"

enum { MOST_BYTES = 64 << 20, PTHREAD_SEARCHED = 1024, MOST_INTERPRETERS = 256 };

static bool begins(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

int runtime_is_likely(pid_t pid)
{
	char path[PATH_MAX];
	pid_t live = procfs_live_thread(pid);
	int r = exe_link(live > 0 ? live : pid, path);
	if (r == -EACCES || r == -EPERM) /* somebody else's, or it hides: its name is public */
		r = procfs_once(pid, "comm", path, sizeof path) > 0 ? 0 : r;
	return r < 0 ? r : begins(text_base_name(path), "python");
}

/* ---- the image that holds the interpreter ---- */

/* The minor version in "libpython3.11.so.1.0" or "python3.11"; 0: none. */
static int version_in_name(const char *path)
{
	const char *at = path ? strstr(text_base_name(path), "python3.") : NULL;
	int minor = at ? atoi(at + strlen("python3.")) : 0;
	return minor > 0 && minor < 256 ? 0x0300 | minor : 0;
}

static int look_into(struct runtime *r, pid_t thread, const struct mapped *mapped, size_t *allowed)
{
	struct elf_python found;
	uint32_t version = 0;
	struct elf_image image = { mapped_open(mapped, thread), r->pid, mapped->low, allowed };
	int e = elf_find_python(&image, &found);
	if (image.fd >= 0)
		close(image.fd);
	if (e < 0)
		return e;
	uint64_t shift = mapped->low - found.first_page;
	r->at = found.runtime + shift;
	if (found.version && remote_read(r->pid, found.version + shift, &version, sizeof version))
		r->version = (int)(version >> 16);
	if (r->version == 0)
		r->version =
			found.likely_version ? found.likely_version : version_in_name(mapped->path);
	return 0;
}

static int find_place(struct runtime *r)
{
	struct mappings mappings;
	size_t allowed = MOST_BYTES;
	int e = mappings_read(&mappings, r->pid);
	for (size_t i = 0; e == 0 && i < mappings.n && r->at == 0; i++)
		look_into(r, mappings.thread, &mappings.all[i], &allowed);
	if (r->version == 0)
		r->version = mappings.version;
	mappings_free(&mappings);
	return e < 0 ? e : r->at ? 0 : -ENOENT;
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
