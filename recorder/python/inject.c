#include "recorder/python/inject.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/gpu/gpu.h"
#include "recorder/kernel/clock.h"
#include "recorder/python/executable.h"
#include "recorder/python/lines.h"
#include "recorder/python/notes.h"
#include "recorder/python/preload.h"
#include "recorder/python/room.h"
#include "recorder/python/shared.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"
#include "share/version.h"

/* ---- options ---- */

static int parse_pattern(const char *text, void *value)
{
	struct words *words = value;
	if (!*text || strlen(text) >= 120)
		return -EINVAL;
	if (words->n == sizeof words->items / sizeof *words->items)
		return -ERANGE;
	words->items[words->n++] = text;
	return 0;
}

const struct option_type inject_pattern = {
	"GLOB", "a pattern of module.function, as in numpy.lib.* (32 of them at most)",
	parse_pattern
};

static const struct command_option options[] = {
	{ 0, "func", &inject_pattern, offsetof(struct agent_wish, functions),
	  "record each call of the Python functions of this name" },
	{ 0, "line", &inject_pattern, offsetof(struct agent_wish, listed),
	  "count what each line of the Python functions of this name does" },
	{ 0, "every-line", NULL, offsetof(struct agent_wish, every_line),
	  "measure at every line, however short" },
	{ 0, "break-at", &option_size, offsetof(struct agent_wish, break_at),
	  "stop in pdb at the line of such a function that reaches this size" },
	{ 0 },
};

/* ---- the library ---- */

static int find_library(char path[PATH_MAX])
{
	return preload_find("libmprof-python.so", path);
}

/* ---- whether it can be ---- */

static int try_room(void)
{
	struct room trial;
	int r = room_make(&trial, AGENT_BYTES);
	room_free(&trial);
	return r;
}

bool inject_check(struct agent_wish *wish, const char *file)
{
	static const char unseen[] = "the inside of Python cannot be seen";
	char path[PATH_MAX];
	const char *obstacle = executable_obstacle(file);
	if (!obstacle && executable_is_pypy(file))
		obstacle = "it is PyPy, and not CPython";
	int found = obstacle ? 0 : find_library(path);
	if (!obstacle && found == 0)
		obstacle = preload_obstacle(file, path);
	int shared = obstacle || found < 0 ? 0 : try_room();
	if (!obstacle && found == 0 && shared == 0)
		return true;
	wish->wanted = false;
	if (obstacle)
		warning("the inside of %s cannot be seen: %s", file, obstacle);
	else if (found == -EINVAL)
		warning("%s: a blank or a colon stands in the path %s", unseen, path);
	else if (found < 0)
		warning("%s: libmprof-python.so is neither beside mprof-c nor in %s", unseen,
			MPROF_LIBEXECDIR);
	else
		warning("%s: there is no memory to share with it: %s", unseen, strerror(-shared));
	return false;
}

/* A Python that may use a GPU is looked into for what a card held that has no memory left. Nobody
 * has asked for it: where it cannot be, nothing is said. */
static bool can_watch_card(const struct agent_wish *wish, const struct vram_result *vram)
{
	char path[PATH_MAX];
	return wish->file && vram->told != VRAM_OFF && !vram->outside && gpu_computes() &&
	       executable_may_run_python(wish->file) && find_library(path) == 0 &&
	       !preload_obstacle(wish->file, path);
}

/* ---- what is told to it ---- */

struct injection {
	struct agent_wish wish; /* at its beginning: the options are its */
	struct room room;
	struct agent_shared *shared; /* what the room holds; NULL: none */
	struct preload preload;
	int64_t drained; /* monotonic ns */
};

static void put_words(char *out, const struct words *words)
{
	size_t n = 0;
	for (size_t i = 0; i < words->n; i++)
		n += (size_t)snprintf(out + n, AGENT_WORDS - n, "%s", words->items[i]) + 1;
}

static int fill_in(struct agent_shared *shared, const struct agent_wish *wish,
		   const struct recording *r)
{
	struct stat status;
	if (fstat(r->writer.fd, &status) < 0)
		return -errno;
	/* A pipe has no path to be opened by: the recorder alone writes to it then. */
	if (!realpath(r->path, shared->recording))
		shared->recording[0] = '\0';
	shared->format = AGENT_FORMAT;
	shared->calls = wish->wanted && !wish->lines;
	shared->lines = wish->wanted && (wish->lines || wish->break_at > 0); /* it stops at one */
	shared->card = wish->card;
	shared->every_line = wish->every_line;
	shared->break_at = wish->break_at;
	shared->clock = clock_epoch() - clock_kernel();
	shared->device = status.st_dev;
	shared->inode = status.st_ino;
	put_words(shared->call_words, &wish->functions);
	put_words(shared->line_words, &wish->listed);
	atomic_store(&shared->used, (uint64_t)AGENT_BLOCKS);
	if (getrandom(&shared->token, sizeof shared->token, 0) != sizeof shared->token)
		shared->token = (uint64_t)shared->clock;
	return find_library(shared->agent);
}

static int announce(struct injection *in)
{
	char place[32], setting[64];
	room_place(&in->room, place, sizeof place);
	snprintf(setting, sizeof setting, "%s,%llx", place, (unsigned long long)in->shared->token);
	return preload_bring(&in->preload, in->shared->agent, AGENT_VARIABLE, setting);
}

static int agree(void *state, const struct recording *r)
{
	struct injection *in = state;
	in->wish.card = can_watch_card(&in->wish, &r->vram);
	return -1;
}

static void prepare(void *state, struct recording *r)
{
	struct injection *in = state;
	if (!in->wish.wanted && !in->wish.card)
		return;
	int e = room_make(&in->room, AGENT_BYTES);
	in->shared = in->room.memory;
	if (e == 0)
		e = fill_in(in->shared, &in->wish, r);
	if (e == 0)
		e = announce(in);
	if (e < 0 && in->wish.wanted)
		warning("the inside of Python cannot be seen: %s", strerror(-e));
}

static void started(void *state, struct recording *r)
{
	struct injection *in = state;
	(void)r;
	preload_take_back(&in->preload);
}

static int open_injection(void *state, struct recording *r)
{
	struct injection *in = state;
	if (!in->preload.announced)
		return -ENOSYS;
	profile_flush(&r->writer); /* the head stands before what the agent writes */
	atomic_store(&in->shared->target, r->target.pid);
	atomic_store(&in->shared->ready, 1);
	return 0;
}

enum { PAUSE = 50000000 }; /* ns between two looks at what the agents have written */

static int64_t wait_for_records(const struct injection *in, int64_t now)
{
	int64_t left = in->drained + PAUSE - now;
	return left > 0 ? left : 0;
}

static int64_t wait(const void *state, const struct recording *r, int64_t now)
{
	const struct injection *in = state;
	(void)r;
	/* Nobody writes but by @profile and --func. */
	return in->shared->calls ? wait_for_records(in, now) : -1;
}

static void look(void *state, struct recording *r, int64_t now)
{
	struct injection *in = state;
	in->drained = now;
	lines_drain(in->shared, &r->writer, false);
	profile_flush(&r->writer);
}

/* The agent resets the kernel's high-water mark, and has kept what it was. */
static uint64_t kept_peak(const struct agent_shared *shared)
{
	uint64_t peak = atomic_load(&shared->peak);
	return peak > (uint64_t)1 << 60 ? 0 : peak;
}

static void end(void *state, struct recording *r)
{
	struct injection *in = state;
	atomic_store(&in->shared->closed, 1);
	r->agent.high_water = kept_peak(in->shared);
	lines_drain(in->shared, &r->writer, true);
	lines_put(in->shared, &r->writer);
}

/* Python's status where it cannot open the script, or was given words that it does not take: it
 * says so itself, and nothing was run that might have been looked at. */
enum { NO_SCRIPT = 2 };

static int say(void *state, const struct recording *r, int status)
{
	const struct injection *in = state;
	if (in->shared && status != 0 && !r->options.quiet)
		notes_say_card(in->shared);
	if (!in->wish.wanted)
		return status;
	if (in->shared)
		notes_say(in->shared);
	if (in->shared && r->target.status != NO_SCRIPT)
		notes_say_unmatched(&in->wish, in->shared);
	return status;
}

static void close_injection(void *state)
{
	struct injection *in = state;
	if (in->shared) /* who lives on may never have been opened */
		atomic_store(&in->shared->closed, 1);
	preload_free(&in->preload);
	room_free(&in->room);
}

static const struct injection initial = { .room = ROOM_NONE };

const struct probe probe_python_agent = {
	.state_size = sizeof(struct injection),
	.initial = &initial,
	.options = options,
	.of_ours = true,
	.agree = agree,
	.prepare = prepare,
	.started = started,
	.open = open_injection,
	.wait = wait,
	.look = look,
	.end = end,
	.say = say,
	.close = close_injection,
};

struct agent_wish *inject_wish(const struct probes *probes)
{
	struct injection *in = probes_state(probes, &probe_python_agent);
	return &in->wish;
}

const struct agent_shared *inject_shared(const struct probes *probes)
{
	const struct injection *in = probes_state(probes, &probe_python_agent);
	return in ? in->shared : NULL;
}
