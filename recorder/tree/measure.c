#include "recorder/tree/measure.h"

#include <errno.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/tree/ends.h"
#include "recorder/tree/family.h"
#include "recorder/tree/handles.h"
#include "recorder/tree/hidden.h"
#include "recorder/tree/news.h"
#include "recorder/tree/sharing.h"

/* Until then a child that still bears its parent's name is waited for to call exec. */
static const int64_t YOUNG = 20000000; /* ns */

/* That one has ended is told within this. */
static const int64_t OVERDUE = 250000000; /* ns */

/* Whose memory it may be using: that of the process that made it. */
static pid_t find_host(const struct family *f, const struct member *m)
{
	const struct member *parent = members_find(f, m->ppid);
	if (m->executed || m == f->members[0])
		return 0;
	if (!parent) /* it was given another parent than the one that made it (CLONE_PARENT) */
		parent = f->members[0];
	return parent->shares ? parent->shares : parent->pid;
}

/* It may show memory that is counted elsewhere. Memory can cease to be shared, but not come to be.
 */
static bool is_guest(struct family *f, struct member *m)
{
	bool known = m->looks > 0;
	if (!known)
		m->shares = find_host(f, m);
	enum sharing sharing = m->shares ? sharing_memory(m->shares, m->pid, known) : SHARING_NOT;
	f->unsure |= sharing == SHARING_UNKNOWN;
	if (sharing != SHARING_IS)
		m->shares = 0;
	return m->shares != 0;
}

static bool bears_parents_name(const struct family *f, const struct member *m)
{
	struct procfs_stat stat;
	struct member *parent = members_find(f, m->ppid);
	if (parent && !parent->comm[0] && procfs_stat(parent->pid, &stat) == 0)
		strcpy(parent->comm, stat.name);
	return parent && strcmp(parent->comm, m->comm) == 0;
}

/* Whoever is seen between fork and exec bears its parent's name: that is not told while it is
 * young, and looked at again, ever more seldom. */
static void consider_name(struct family *f, struct member *m, int64_t now)
{
	struct procfs_stat stat;
	uint32_t n = m->looks++;
	if (m->shares || (m->named && (n < 2 || (n & (n - 1)) != 0)))
		return;
	if (m->named || (n > 0 && !m->executed)) {
		if (procfs_stat(m->pid, &stat) < 0 || (m->start && stat.start != m->start))
			return;
		if (m->named && strcmp(stat.name, m->comm) == 0)
			return;
		strcpy(m->comm, stat.name);
	}
	if (!m->named && !m->executed && now - m->born < YOUNG && bears_parents_name(f, m))
		return;
	if (m->named)
		news_born(f, m, m->born);
	news_name(f, m, now);
}

/* Where the kernel tells of ends, its word is waited for: it has more to say than that nothing can
 * be read. An account is there before that. */
static bool is_overdue(const struct family *f, struct member *m, int64_t now)
{
	int64_t patience = family_is_whole(f) ? OVERDUE : f->exits.fd >= 0 ? 0 : -1;
	if (m->unread == 0)
		m->unread = now;
	return now - m->unread > patience;
}

static void miss(struct family *f, struct member *m, int64_t now)
{
	if (is_overdue(f, m, now) && !hidden_note(f, m, -ESRCH))
		ends_see(f, m);
}

/* What it held at most since the last sample, at which that was `before`. */
static void take_mark(struct member *m, uint64_t before)
{
	uint64_t most = 0;
	high_water_read(m->mark, &most);
	most = most > m->bytes ? most : m->bytes;
	m->most = most > before ? most : before;
	m->peak = m->most > m->peak ? m->most : m->peak;
}

void measure(struct family *f, struct member *m, int64_t now)
{
	uint64_t bytes, before = m->measured ? m->bytes : 0;
	m->most = before;
	m->measured = false;
	if (m->ended || !m->source)
		return;
	if (m->start != 0 && !children_is_kept(&m->children) && !members_is_same(m)) {
		miss(f, m, now);
		return;
	}
	bool guest = (m->looks == 0 || m->shares) && is_guest(f, m);
	int64_t at = f->source->metric->costly ? clock_now() : now;
	int r = guest ? 0 : m->source->read(m->state, &bytes);
	if ((r == -EACCES || r == -EPERM) && m->source->metric->costly &&
	    handles_fall_back(f, m) == 0)
		r = m->source->read(m->state, &bytes);
	if (r == -ESRCH)
		miss(f, m, now);
	else if (r < 0)
		hidden_note(f, m, r);
	if (r < 0)
		return;
	m->hidden = false;
	if (!guest) {
		m->measured = true;
		m->unread = 0;
		m->bytes = bytes;
		m->at = at;
		m->peak = bytes > m->peak ? bytes : m->peak;
	}
	if (!guest && m->mark)
		take_mark(m, before);
	if (m != f->members[0])
		consider_name(f, m, now);
}
