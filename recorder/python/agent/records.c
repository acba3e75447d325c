#include "recorder/python/agent/records.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/descriptor.h"
#include "recorder/python/agent/agent.h"
#include "share/profile/profile.h"
#include "share/profile/quiet_write.h"

static struct profile_writer writer = { .fd = -1 }; /* where one record is made; never flushed */
static struct descriptor recording = DESCRIPTOR_NONE;
static _Thread_local pid_t thread;

/* Is it the file that the recorder writes, whatever stands at its path by now? */
static bool is_recording(void)
{
	return descriptor_is_own(&recording) && recording.device == agent_shared->device &&
	       recording.inode == agent_shared->inode;
}

static bool open_recording(void)
{
	if (is_recording())
		return true;
	descriptor_close(&recording);
	descriptor_keep(&recording, agent_open(agent_shared->recording,
					       O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK));
	return is_recording();
}

/* ---- the buffer, which the recorder empties too ---- */

enum { LATE = 200000 }; /* µs: the recorder has not come, and it is written here */

static struct agent_buffer *buffer;
static int64_t oldest; /* µs, of what stands in it */

static struct agent_buffer *take_free_buffer(void)
{
	unsigned n = atomic_load(&agent_shared->n_buffers);
	for (unsigned i = 0; i < n && i < AGENT_BUFFERS; i++) {
		int free = 0;
		unsigned at = atomic_load(&agent_shared->buffers[i]);
		struct agent_buffer *b = (struct agent_buffer *)((char *)agent_shared + at);
		if (at && atomic_compare_exchange_strong(&b->head.pid, &free, getpid()))
			return b;
	}
	if (n >= AGENT_BUFFERS)
		return NULL;
	struct agent_buffer *b = agent_room(sizeof *b, AGENT_RECORDS);
	n = b ? atomic_fetch_add(&agent_shared->n_buffers, 1) : AGENT_BUFFERS;
	if (n >= AGENT_BUFFERS)
		return NULL;
	atomic_store(&agent_shared->buffers[n], (unsigned)((char *)b - (char *)agent_shared));
	return b;
}

/* The recorder is at it for microseconds; one that was stopped or killed there must not hold us. */
static bool take(void)
{
	static bool given_up;
	for (int i = 0; i < 1000 && !given_up; i++) {
		if (!atomic_exchange_explicit(&buffer->busy, 1, memory_order_acquire))
			return true;
		sched_yield();
	}
	given_up = true;
	return false;
}

static void give(void)
{
	atomic_store_explicit(&buffer->busy, 0, memory_order_release);
}

static void write_out(const char *text, size_t n)
{
	int saved = errno;
	if (!atomic_load(&agent_shared->closed) && open_recording()) {
		ssize_t ignored = quiet_write(recording.fd, text, n);
		(void)ignored; /* nobody is to be told here */
	}
	errno = saved;
}

/* Hands on what profile_put has made of one record. */
static void pass_on(int64_t us)
{
	if (!buffer && (buffer = take_free_buffer()))
		atomic_store(&buffer->space, agent_pid_space());
	if (!buffer || writer.used > sizeof buffer->text || !take()) {
		write_out(writer.buffer, writer.used);
		writer.used = 0;
		return;
	}
	unsigned used = atomic_load_explicit(&buffer->used, memory_order_relaxed);
	if (used > 0 && (used + writer.used > sizeof buffer->text || us - oldest > LATE)) {
		write_out(buffer->text, used);
		used = 0;
	}
	if (used == 0)
		oldest = us;
	memcpy(buffer->text + used, writer.buffer, writer.used);
	atomic_store_explicit(&buffer->used, used + (unsigned)writer.used, memory_order_release);
	give();
	writer.used = 0;
}

void records_forked(void)
{
	thread = 0;
	buffer = NULL;
}

void records_enter(const char *name, struct sample at, int level)
{
	if (thread == 0)
		thread = (pid_t)syscall(SYS_gettid);
	struct profile_record record; /* a call is to cost next to nothing: not even cleared */
	record.kind = PROFILE_ENTER;
	record.function = name;
	record.at = at;
	record.level = level;
	record.thread = thread;
	if (profile_put(&writer, &record) == 0)
		pass_on(at.us);
}

void records_leave(const char *name, struct sample from, struct sample to, int level)
{
	struct profile_record record;
	record.kind = PROFILE_FUNC;
	record.function = name;
	record.at = from;
	record.end = to;
	record.level = level;
	if (profile_put(&writer, &record) == 0)
		pass_on(to.us);
}
