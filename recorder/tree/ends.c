#include "recorder/tree/ends.h"

#include <errno.h>

#include "recorder/kernel/exit_code.h"
#include "recorder/kernel/high_water.h"
#include "recorder/kernel/reap.h"
#include "recorder/tree/family.h"
#include "recorder/tree/handles.h"
#include "recorder/tree/news.h"
#include "share/profile/profile.h"

/* What it held since the last look is told where the kernel tells its mark. */
static void take_last_mark(struct family *f, struct member *m)
{
	uint64_t held = m->measured ? m->bytes : 0;
	uint64_t mark = f->source->metric->marked ? m->exact : 0;
	f->left += mark > held ? mark : held;
	if (mark > m->peak + HIGH_WATER_NOISE)
		m->beyond = mark - m->bytes;
	m->peak = mark > m->peak ? mark : m->peak;
}

void ends_declare(struct family *f, struct member *m)
{
	if (m->ended || m == f->members[0]) /* of the target's end its pidfd is the judge */
		return;
	if (!m->named)
		news_name(f, m, m->born);
	take_last_mark(f, m);
	m->ended = true;
	m->measured = false;
	handles_close_figures(m);
	news_gone(f, m);
}

/* What was told of the end of one that was our own child. ru_maxrss goes back to before exec, and
 * so to the memory of the parent: the mark that was told for itself comes first. */
void ends_take(const struct family *f, struct member *m, int status, uint64_t ru_maxrss)
{
	m->status = status;
	if (m->exact == 0 && ru_maxrss > m->peak && f->source->metric->marked)
		m->peak = ru_maxrss;
}

/* The thread that it was read through may be on its way out, and others live. */
static bool lives(const struct member *m)
{
	struct procfs_stat stat;
	return m->start != 0 && procfs_stat(m->pid, &stat) == 0 && stat.start == m->start &&
	       procfs_lives(&stat, m->pid) && procfs_has_memory(m->pid);
}

/* Its end is seen here first. An orphan is ours by now and reaped at once: then it has a status.
 * Its memory goes some time before it can be waited for (seconds, where it was large); until then
 * the end is left to the next tick. */
void ends_see(struct family *f, struct member *m)
{
	int status = PROFILE_STATUS_UNKNOWN;
	uint64_t ru_maxrss = 0;
	pid_t ended = -ECHILD;
	if (m->pid == f->reaped)
		return;
	if (m != f->members[0] && f->reach == FAMILY_ADOPTS)
		ended = reap_child(m->pid, &status, &ru_maxrss, NULL);
	if (ended == m->pid)
		ends_take(f, m, status, ru_maxrss);
	else if (m != f->members[0] && m->status == PROFILE_STATUS_UNKNOWN &&
		 exit_code_read(m->pid, m->start, -1, &status) == 0)
		m->status = reap_status(status);
	if (ended == m->pid || (ended != 0 && !lives(m)))
		ends_declare(f, m);
}
