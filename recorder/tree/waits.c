#include "recorder/tree/waits.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/procfs.h"
#include "recorder/tree/family.h"

static const int64_t PAUSE = 1000000000; /* ns */

/* A bit for each signal: proc_pid_status(5). */
bool waits_is_ignored(pid_t pid)
{
	static const char key[] = "\nSigIgn:";
	char text[4096];
	const char *at;
	if (procfs_once(pid, "status", text, sizeof text) <= 0 || !(at = strstr(text, key)))
		return false;
	return strtoull(at + strlen(key), NULL, 16) >> (SIGCHLD - 1) & 1;
}

void waits_look(struct family *f, int64_t now)
{
	for (size_t i = 0; i < f->n && !f->unwaited; i++) {
		struct member *m = f->members[i];
		if (m->ended || (m->asked_at && now - m->asked_at < PAUSE))
			continue;
		m->asked_at = now;
		f->unwaited = waits_is_ignored(m->pid);
	}
}
