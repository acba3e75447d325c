#include "recorder/tree/waits.h"

#include <signal.h>

#include "recorder/kernel/procfs.h"
#include "recorder/tree/family.h"

static const int64_t PAUSE = 1000000000; /* ns */

static bool is_ignored(pid_t pid)
{
	char text[1024];
	return procfs_once(pid, "stat", text, sizeof text) > 0 && procfs_ignores(text, SIGCHLD);
}

void waits_look(struct family *f, int64_t now)
{
	for (size_t i = 0; i < f->n && !f->unwaited; i++) {
		struct member *m = f->members[i];
		if (m->ended || (m->asked_at && now - m->asked_at < PAUSE))
			continue;
		m->asked_at = now;
		f->unwaited = is_ignored(m->pid);
	}
}
