#include "recorder/python/agent/agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct agent_shared *agent_shared;
int agent_minor;

void agent_note(unsigned note, char *where, const char *text)
{
	unsigned before = atomic_fetch_or(&agent_shared->notes, note);
	if (where && !(before & note))
		snprintf(where, AGENT_TEXT, "%s", text);
}

void agent_note_bare(const char *name)
{
	unsigned n = atomic_load(&agent_shared->n_bare);
	for (unsigned i = 0; i < n && i < AGENT_BARE; i++)
		if (strncmp(agent_shared->bare[i], name, AGENT_TEXT - 1) == 0)
			return;
	n = atomic_fetch_add(&agent_shared->n_bare, 1);
	if (n < AGENT_BARE)
		snprintf(agent_shared->bare[n], AGENT_TEXT, "%s", name);
}

void *agent_room(size_t size, uint32_t kind)
{
	size = (size + 7) / 8 * 8;
	uint64_t at = atomic_load(&agent_shared->used);
	do {
		if (at > AGENT_BYTES || size > AGENT_BYTES - at) {
			agent_note(AGENT_SAW_FULL, NULL, NULL);
			return NULL;
		}
	} while (!atomic_compare_exchange_weak(&agent_shared->used, &at, at + size));
	struct agent_block *block = (struct agent_block *)((char *)agent_shared + at);
	block->size = size;
	atomic_store(&block->pid, getpid());
	block->kind = kind;
	return block;
}

/* Far above those that programs use, so that theirs keep their numbers. */
static int raise_high(int fd)
{
	struct rlimit files;
	if (fd < 0)
		return fd;
	rlim_t limit = getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 0;
	int least = limit > 1024 ? 900 : limit > 64 ? (int)limit - 32 : 0;
	int raised = least > 0 ? fcntl(fd, F_DUPFD_CLOEXEC, least) : -1;
	if (raised < 0)
		return fd;
	close(fd);
	return raised;
}

int agent_open(const char *path, int flags)
{
	return raise_high(open(path, flags | O_CLOEXEC));
}
