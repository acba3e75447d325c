/* VRAM: whose memory of a GPU has changed, and where that process stood when it was told. The
 * drivers are asked ten times a second at most, so it is the line that stood there a little later:
 * a sample, not a proof. */
#include <errno.h>
#include <stdio.h>

#include "recorder/kernel/clock.h"
#include "recorder/recording/recording.h"
#include "recorder/where/growth.h"

static const int64_t JUST = 150000;   /* µs */
static const int64_t LEAST = 1 << 20; /* bytes of a change whose line is worth a look */

static int vram_open(void *state, struct recording *r)
{
	(void)state;
	return r->vram.told == VRAM_TOLD ? 0 : -ENODEV;
}

/* ---- where it stands ---- */

static bool read_stack(struct growth_probe *growth, struct grower *g, pid_t thread)
{
	struct crew_member member = {
		.thread = thread,
		.stat = { .pid = g->pid, .thread = thread, .name = "stat", .fd = -1 },
	};
	bool read = reader_thread(&growth->reader, g, &member, clock_now());
	procfs_close(&member.stat);
	return read && growth->reader.reading->stack.n > 0;
}

/* The main thread, or, while that sleeps, the only other one that runs; 0: several do. */
static pid_t thread_of(struct grower *g)
{
	struct crew crew = { .pid = g->pid };
	pid_t thread = g->pid;
	size_t n = 0;
	if (!grower_rests(g, g->pid))
		return thread;
	crew_look(&crew, UINT64_MAX);
	for (size_t i = 0; i < crew.n; i++)
		if (crew.members[i].thread != g->pid && crew_runs(&crew.members[i]) &&
		    grower_find_thread(g, crew.members[i].thread)) {
			thread = crew.members[i].thread;
			n++;
		}
	crew_close(&crew);
	return n > 1 ? 0 : thread;
}

static uint64_t frame_of(struct growth_probe *growth, struct recording *r, pid_t pid)
{
	struct grower *g = growth ? growers_find(&growth->growers, pid) : NULL;
	if (!g || g->state != GROWER_READY || reader_stalls(&growth->reader, clock_now()) > 0)
		return 0;
	pid_t thread = thread_of(g);
	if (thread == 0 || !read_stack(growth, g, thread))
		return 0;
	return told_stack(&growth->told, &r->writer, &growth->reader.reading->stack,
			  growth->where == WHERE_LINES);
}

/* Who has just found no memory left took the last of it there, wherever it stands by now. */
static uint64_t frame_of_failure(struct recording *r, const struct vram_change *change)
{
	const struct failed_result *failed = &r->failed;
	const struct told *told = growth_told(r);
	int64_t since = change->us - failed->us;
	bool near = since > -JUST && since < JUST && failed->pid == change->pid;
	return near && change->bytes > 0 && told && told->round == failed->round ? failed->frame
										 : 0;
}

/* ---- what is written ---- */

static void put(struct recording *r, const struct vram_change *change, uint64_t frame)
{
	char device[16];
	snprintf(device, sizeof device, "%u", change->device);
	const struct profile_record record = {
		.kind = PROFILE_VRAM,
		.device = device,
		.increment = sample_umib_change(change->bytes),
		.at.us = change->us,
		.pid = change->pid,
		.frame = frame,
	};
	profile_put(&r->writer, &record);
}

static void put_all(struct recording *r, struct growth_probe *growth)
{
	for (size_t i = 0; i < r->vram.n_changes; i++) {
		const struct vram_change *change = &r->vram.changes[i];
		bool worth = change->bytes >= LEAST || change->bytes <= -LEAST;
		uint64_t frame = frame_of_failure(r, change);
		if (frame == 0 && worth)
			frame = frame_of(growth, r, change->pid);
		if (change->bytes != 0)
			put(r, change, frame);
	}
}

static void vram_act(void *state, struct recording *r, int64_t now)
{
	(void)state, (void)now;
	if (r->vram.n_changes > 0)
		put_all(r, growth_of(r));
}

/* Nobody stands anywhere any more. */
static void vram_conclude(void *state, struct recording *r)
{
	(void)state;
	put_all(r, NULL);
}

const struct probe probe_vram = {
	.open = vram_open,
	.act = vram_act,
	.conclude = vram_conclude,
};
