/* The kernel's log names whom it killed for memory, but is not open to everybody and in a container
 * has other pids. Without it two witnesses must speak: a process that died of SIGKILL, and a count
 * of such kills that rose meanwhile. Where the control group is the tree's alone, its count is of
 * the tree; any other may have risen for somebody else's sake. */
#include "recorder/probes/kill_clues.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/clock.h"
#include "recorder/kernel/earlyoom.h"
#include "recorder/kernel/kernel_log.h"
#include "recorder/kernel/oomd.h"
#include "recorder/kernel/procfs.h"
#include "recorder/probes/kill_note.h"
#include "recorder/recording/recording.h"

enum { MOST_GONE = 1 << 16, DEEPEST = 64, TRIES = 4 };
static const long PAUSE = 15000000; /* ns: the kernel kills first and logs then */
static const uint64_t ANY = UINT64_C(1) << 32;

/* ---- counts ---- */

static struct kill_count machine_kills(void)
{
	static const char key[] = "\noom_kill ";
	char text[16384];
	const char *at;
	if (procfs_once(0, "vmstat", text, sizeof text) <= 0 || !(at = strstr(text, key)))
		return (struct kill_count){ false, 0 };
	return (struct kill_count){ true, strtoull(at + sizeof key - 1, NULL, 10) };
}

static struct kill_count kills_in(const struct cgroup *group, bool there)
{
	struct kill_count count = { false, 0 };
	count.known = there && cgroup_read(group, CGROUP_KILLS, &count.n) == 0;
	return count;
}

static uint64_t rise_of(struct kill_count before, struct kill_count now)
{
	return before.known && now.known && now.n > before.n ? now.n - before.n : 0;
}

/* ---- while they live ---- */

/* One of ours, or a descendant. */
static bool is_ours(void *context, pid_t pid)
{
	const struct recording *r = context;
	struct procfs_stat stat;
	for (int i = 0; i < DEEPEST && pid > 1; i++, pid = stat.ppid)
		if (r->target.group || pid == getpid() || pid == r->target.pid)
			return true;
		else if (procfs_stat(pid, &stat) < 0)
			return false;
	return false;
}

static void begin_in_group(struct kill_clues *c, struct recording *r)
{
	const struct cgroup *group = &c->membership.group;
	c->group = kills_in(group, c->membership.known);
	if (c->folder >= 0)
		close(c->folder);
	c->folder = c->membership.known ? procfs_keep(oomd_open(group)) : -1;
	c->oomd = c->membership.known ? oomd_kills(group, c->folder) : 0;
	cgroup_sole_close(&c->sole);
	if (c->group.known)
		cgroup_sole_open(&c->sole, group, is_ours, r);
}

void kill_clues_look(struct kill_clues *c, struct recording *r, int64_t now)
{
	c->looked = true;
	membership_open(&c->membership, r->target.pid, now);
	begin_in_group(c, r);
	c->machine = machine_kills();
	c->log = kernel_log_counts_as_we() ? procfs_keep(kernel_log_open(false)) : -1;
}

/* The target may be put into another group. */
bool kill_clues_follow(struct kill_clues *c, struct recording *r, int64_t now, bool *moved)
{
	const bool known = c->membership.known;
	if (!c->looked || membership_wait(&c->membership, now) > 0)
		return false;
	const struct cgroup before = c->membership.group;
	membership_look(&c->membership, now, moved);
	if (*moved) {
		c->killed_before |= rise_of(c->group, kills_in(&before, known)) > 0;
		begin_in_group(c, r);
	}
	return true;
}

void kill_clues_gone(struct kill_clues *c, const struct member *member)
{
	bool killed = member->status == -SIGKILL,
	     unknown = member->status == PROFILE_STATUS_UNKNOWN;
	c->killed += killed;
	c->unknown += unknown;
	c->last = killed ? member->pid : c->last;
	if (!killed && !unknown)
		return;
	if (c->gone.n < MOST_GONE)
		pids_add(&c->gone, member->pid);
	else /* the oldest number has long been given out again */
		c->gone.items[c->ended % MOST_GONE] = member->pid;
	c->ended++;
}

/* ---- in the end ---- */

struct judging {
	struct kill_clues *clues;
	const struct recording *recording;
	struct kill_verdict verdict;
	bool passed_on; /* by a shell, whose child died of SIGKILL */
	bool cleared;   /* by the log: whoever is known was not killed for memory */
};

static bool is_gone(void *context, pid_t pid)
{
	struct judging *j = context;
	const struct pids *gone = &j->clues->gone;
	for (size_t i = 0; i < gone->n; i++)
		if (gone->items[i] == pid) {
			j->verdict.victim = pid;
			return true;
		}
	return false;
}

/* Of those who ended before there was a look, what the log has from before it is asked too. */
static int ask_log(struct judging *j, int log)
{
	const struct recording *r = j->recording;
	int64_t since = j->clues->looked ? 0 : (r->sampler.first - clock_ahead()) / 1000;
	int found = kernel_log_kills(log, since, is_gone, j), lost = found;
	for (int i = 0; i < TRIES && found <= 0 && j->clues->looked; i++) {
		nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
		found = kernel_log_kills(log, 0, is_gone, j);
		lost = found < 0 ? found : lost;
	}
	return found > 0 ? found : lost;
}

static bool is_by_log(struct judging *j)
{
	struct kill_clues *c = j->clues;
	bool past = !c->looked && kernel_log_counts_as_we();
	int log = past ? kernel_log_open(true) : c->log;
	int found = log >= 0 && c->gone.n > 0 ? ask_log(j, log) : -ENOENT;
	if (past && log >= 0)
		close(log);
	j->cleared = found == 0 && c->looked;
	j->verdict.by = found > 0 ? BY_KERNEL : NOBODY_KNOWN;
	return found > 0;
}

/* How many may have been killed for memory at the most. */
static uint64_t suspects(const struct judging *j)
{
	const struct recording *r = j->recording;
	uint64_t unseen = r->unseen.known ? r->unseen.most : ANY;
	if (r->family.reach == FAMILY_ALONE)
		unseen = r->target.alone && !r->target.waits_for_none ? 0 : ANY;
	return j->clues->killed + j->clues->unknown + unseen;
}

/* Its count rose, and nobody else was in it: one of them it was. */
static bool is_of_sole_group(struct judging *j, uint64_t rise)
{
	const struct kill_clues *c = j->clues;
	int status = j->recording->target.status;
	if (rise == 0 || !cgroup_sole_is(&c->sole) || j->recording->family.disowned.n > 0)
		return false;
	j->verdict.by = BY_KERNEL;
	if (!j->cleared && rise >= suspects(j))
		j->verdict.victim = c->last;
	j->verdict.descendant =
		j->cleared || (status != -SIGKILL && status != PROFILE_STATUS_UNKNOWN);
	return true;
}

/* A group that keeps count, and counted nobody, clears those who ended in it. */
static bool is_by_kernel(struct judging *j)
{
	const struct kill_clues *c = j->clues;
	if (!c->looked)
		return c->killed > 0 && is_by_log(j);
	struct kill_count now = kills_in(&c->membership.group, c->membership.known);
	uint64_t group = rise_of(c->group, now), machine = rise_of(c->machine, machine_kills());
	bool told = c->group.known && now.known;
	if (group == 0 && machine == 0 && !c->killed_before)
		return false;
	if (is_by_log(j) || is_of_sole_group(j, group))
		return true;
	bool rose = group > 0 || c->killed_before || (!told && machine > 0);
	if (!rose || !(j->passed_on || (c->killed > 0 && !j->cleared)))
		return false;
	j->verdict.by = BY_KERNEL_PROBABLY;
	j->verdict.victim = j->passed_on || suspects(j) > 1 ? 0 : c->last;
	j->verdict.descendant = j->passed_on;
	return true;
}

static bool is_by_oomd(struct judging *j)
{
	const struct kill_clues *c = j->clues;
	if (!c->looked || !c->membership.known || !(c->killed > 0 || j->passed_on))
		return false;
	if (oomd_kills(&c->membership.group, c->folder) <= c->oomd)
		return false;
	j->verdict.by = BY_OOMD;
	j->verdict.victim = c->last;
	return true;
}

/* What --at sends goes to all of a tree; SIGTERM is more often taken as a wish. */
static bool is_by_recorder(struct judging *j)
{
	const struct recording *r = j->recording;
	int status = r->target.status, sent = r->deed.sent;
	bool itself = status == -SIGKILL || status == -SIGTERM;
	pid_t dead = itself ? r->target.pid : j->clues->last;
	bool ours = sent && (itself ? status == -sent : sent == SIGKILL);
	if (dead == 0 || !(ours || kill_note_is_left(r, dead)))
		return false;
	j->verdict.by = ours ? BY_US : BY_ANOTHER;
	j->verdict.victim = dead;
	return true;
}

static bool is_by_earlyoom(struct judging *j)
{
	const struct recording *r = j->recording;
	int status = r->target.status;
	int64_t from = r->sampler.epoch / 1000000000, to = (int64_t)time(NULL);
	bool told = status == -SIGTERM || status == 128 + SIGTERM;
	if (told)
		pids_add(&j->clues->gone, r->target.pid);
	if (!(told || j->clues->killed > 0) || !earlyoom_killed(from, to, is_gone, j))
		return false;
	j->verdict.by = BY_EARLYOOM;
	return true;
}

/* From the certain to the less so; what costs time, at last. */
struct kill_verdict kill_clues_judge(struct kill_clues *c, const struct recording *r)
{
	static bool (*const witnesses[])(struct judging *) = { is_by_recorder, is_by_kernel,
							       is_by_oomd, is_by_earlyoom };
	const struct member target = { .pid = r->target.pid, .status = r->target.status };
	struct judging j = { .clues = c, .recording = r };
	j.passed_on = r->target.status == 128 + SIGKILL;
	if (target.pid > 0)
		kill_clues_gone(c, &target);
	for (size_t i = 0; i < sizeof witnesses / sizeof *witnesses; i++)
		if (witnesses[i](&j))
			return j.verdict;
	return (struct kill_verdict){ NOBODY_KNOWN, 0, false };
}

bool kill_clues_clear(const struct kill_clues *c)
{
	struct kill_count group = kills_in(&c->membership.group, c->membership.known);
	struct kill_count machine = machine_kills();
	bool told = (c->group.known && group.known) || (c->machine.known && machine.known);
	return c->looked && told && !c->killed_before && rise_of(c->group, group) == 0 &&
	       rise_of(c->machine, machine) == 0;
}

void kill_clues_close(struct kill_clues *c)
{
	pids_free(&c->gone);
	membership_close(&c->membership);
	cgroup_sole_close(&c->sole);
	if (c->folder >= 0)
		close(c->folder);
	if (c->log >= 0)
		close(c->log);
}
