#include "recorder/recording/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/cgroup_search.h"
#include "recorder/kernel/exit_code.h"
#include "recorder/kernel/procfs.h"
#include "recorder/kernel/reap.h"
#include "recorder/kernel/user.h"
#include "share/profile/profile.h"

/* Why exec failed: after vfork what the child writes, we read. Where that is a fork all the same,
 * as under an emulator, the pipe tells it. */
struct report {
	volatile int error;
	int ends[2]; /* -1: there are no descriptors for one */
};

static _Noreturn void become(const char *file, char *const argv[], const struct signals *held,
			     struct report *report)
{
	signals_hand_over(held);
	signals_restore(held);
	execvp(file, argv);
	int error = report->error = errno;
	ssize_t ignored = write(report->ends[1], &error, sizeof error);
	(void)ignored;
	_exit(127);
}

/* vfork spares the copy of our page tables, and holds us until the program runs. But for why exec
 * failed the child touches nothing of ours: signals and limits are its own. */
static pid_t start(const char *file, char *const argv[], const struct signals *held,
		   struct report *report)
{
	pid_t pid = vfork();
	if (pid == 0)
		become(file, argv, held, report);
	return pid < 0 ? -errno : pid;
}

/* Only when exec has closed what it has of the pipe is the memory that we see the program's: vfork
 * lets us go a moment before. */
static void await_exec(struct report *report)
{
	int error;
	ssize_t n;
	if (report->ends[0] < 0)
		return;
	close(report->ends[1]);
	do
		n = read(report->ends[0], &error, sizeof error);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof error)
		report->error = error;
	close(report->ends[0]);
}

/* Until its exec the child has our memory, and its ru_maxrss begins with our mark. Ours begins with
 * that of whoever executed us: where it is too large to be our own, what our memory has is asked
 * for, which costs more. */
static uint64_t own_mark(void)
{
	static const uint64_t OURS = 4 << 20;
	struct rusage usage;
	char text[4096];
	uint64_t told, mark;
	getrusage(RUSAGE_SELF, &usage);
	told = (uint64_t)usage.ru_maxrss * 1024;
	bool read = told > OURS && procfs_once(getpid(), "status", text, sizeof text) > 0 &&
		    procfs_parse_kb(text, "VmHWM:", &mark) == 0;
	return read && mark < told ? mark : told;
}

int target_spawn(struct target *target, const char *file, char *const argv[],
		 const struct signals *held)
{
	struct report report = { 0 };
	*target = (struct target){ .pidfd = -1, .ours = true, .status = PROFILE_STATUS_UNKNOWN };
	if (pipe2(report.ends, O_CLOEXEC) < 0)
		report.ends[0] = report.ends[1] = -1;
	target->pid = start(file, argv, held, &report);
	target->floor = own_mark();
	await_exec(&report);
	if (target->pid < 0)
		return target->pid;
	if (report.error)
		waitpid(target->pid, NULL, 0);
	return -report.error;
}

/* The number may be another's by now, or stand for one that has ended and was not waited for. */
static bool is_there(const struct target *target)
{
	struct procfs_stat stat;
	return procfs_stat(target->pid, &stat) == 0 && stat.start == target->start &&
	       procfs_lives(&stat, target->pid);
}

int target_adopt(struct target *target, pid_t pid, uint64_t start)
{
	*target = (struct target){
		.pid = pid, .pidfd = -1, .start = start, .status = PROFILE_STATUS_UNKNOWN
	};
	target->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* Of a thread the kernel says EINVAL, or ENOENT since 6.9. */
	if (target->pidfd < 0 && (errno == EINVAL || errno == ENOENT))
		return -EINVAL;
	return is_there(target) ? 0 : -ESRCH;
}

/* Anybody but us and what we have started. */
static bool note_another(void *context, pid_t pid)
{
	struct procfs_stat stat;
	bool *any = context;
	*any = pid != getpid() && (procfs_stat(pid, &stat) < 0 || stat.ppid != getpid());
	return *any;
}

static bool is_empty(const struct target *target)
{
	bool any = false;
	cgroup_each(target->group, note_another, &any);
	return !any;
}

int target_adopt_group(struct target *target, const struct cgroup *group)
{
	*target = (struct target){ .pidfd = -1, .group = group, .status = PROFILE_STATUS_UNKNOWN };
	return is_empty(target) ? -ESRCH : 0;
}

/* A program may set its own; a zombie has it still. */
static void note_limit(struct target *target)
{
	struct rlimit limit;
	if (prlimit(target->pid, RLIMIT_AS, NULL, &limit) == 0)
		target->addresses = limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
}

/* A process, however short, has had page faults. */
static void see_whether_alone(struct target *target)
{
	char text[1024];
	struct procfs_stat stat;
	if (!target->ours || target->ended ||
	    procfs_once(target->pid, "stat", text, sizeof text) <= 0 ||
	    procfs_parse_stat(text, &stat) < 0)
		return;
	note_limit(target);
	target->alone = stat.state == 'Z' && stat.child_faults == 0;
	target->waits_for_none |= procfs_ignores(text, SIGCHLD);
}

static pid_t reap(struct target *target, pid_t which, int *status, uint64_t *ru_maxrss)
{
	see_whether_alone(target);
	bool core;
	pid_t pid = reap_child(which, status, ru_maxrss, &core);
	if (pid == target->pid) {
		target->ended = true;
		target->status = *status;
		target->core = core;
		target->ru_maxrss = *ru_maxrss;
	}
	return pid;
}

pid_t target_reap(struct target *target, int *status, uint64_t *ru_maxrss)
{
	pid_t pid = reap(target, -1, status, ru_maxrss);
	return pid > 0 ? pid : 0;
}

static void learn_status(struct target *target)
{
	int code;
	if (exit_code_read(target->pid, target->start, target->pidfd, &code) == 0)
		target->status = reap_status(code);
}

bool target_has_ended(struct target *target)
{
	int status = 0;
	uint64_t ru_maxrss = 0;
	struct pollfd end = { .fd = target->pidfd, .events = POLLIN };
	if (target->ended)
		return true;
	if (target->group) {
		target->ended = is_empty(target);
		return target->ended;
	}
	if (target->ours)
		target->ended =
			reap(target, target->pid, &status, &ru_maxrss) == -ECHILD || target->ended;
	else /* a zombie can still be signalled; its pidfd is readable all the same */
		target->ended = target->pidfd >= 0 ? poll(&end, 1, 0) > 0 : !is_there(target);
	if (target->ended && !target->ours)
		learn_status(target);
	return target->ended;
}

/* What was not waited for keeps its pid. */
int target_signal(const struct target *target, int number)
{
	if (target->ended)
		return -ESRCH;
	if (target->pid <= 0) /* a group, whose members are signalled by themselves */
		return 0;
	int r = target->pidfd >= 0
			? (int)syscall(SYS_pidfd_send_signal, target->pidfd, number, NULL, 0)
			: kill(target->pid, number);
	return r < 0 ? -errno : 0;
}

uid_t target_user(const struct target *target)
{
	return target->ours ? getuid() : user_of(target->pid);
}

void target_close(struct target *target)
{
	if (target->pidfd >= 0)
		close(target->pidfd);
	target->pidfd = -1;
}
