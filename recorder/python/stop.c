#include "recorder/python/stop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"

static bool is_running(pid_t process, pid_t thread, struct procfs_stat *stat)
{
	char text[1024];
	struct procfs file = { .pid = process, .thread = thread, .name = "stat", .fd = -1 };
	return procfs_read(&file, text, sizeof text) > 0 && procfs_parse_stat(text, stat) == 0 &&
	       stat->state == 'R';
}

static int await(pid_t thread, siginfo_t *info, int what)
{
	int r;
	memset(info, 0, sizeof *info);
	do
		r = waitid(P_PID, (id_t)thread, info, what | __WALL);
	while (r < 0 && errno == EINTR);
	return r;
}

/* One that ends while it is traced is its tracer's to take, and until then its process cannot end,
 * nor call exec. Only of our own child the end is left to whoever waits for it. */
static void bury(const struct stop *stop)
{
	siginfo_t info;
	if (!stop->ours)
		await(stop->thread, &info, WEXITED);
}

/* Of a stop, the status is the signal, and in the next byte the event: ptrace(2). SIGKILL may end a
 * stop at any time. */
static bool await_stop(struct stop *stop)
{
	siginfo_t info;
	if (await(stop->thread, &info, WSTOPPED | WEXITED | WNOWAIT) < 0 ||
	    info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
		return false;
	await(stop->thread, &info, WSTOPPED | WNOHANG);
	stop->signal = info.si_status >> 8 == 0 ? info.si_status & 0x7f : 0;
	return true;
}

bool stop_make(struct stop *stop, pid_t process, pid_t thread)
{
	struct procfs_stat stat;
	*stop = (struct stop){ 0 };
	if (!is_running(process, thread, &stat) || ptrace(PTRACE_SEIZE, thread, NULL, NULL) < 0)
		return false;
	stop->thread = thread;
	stop->ours = thread == process && stat.ppid == getpid();
	if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 && await_stop(stop))
		return true;
	bury(stop);
	stop->thread = 0;
	return false;
}

void stop_release(struct stop *stop)
{
	if (stop->thread &&
	    ptrace(PTRACE_DETACH, stop->thread, NULL, (void *)(long)stop->signal) < 0)
		bury(stop);
	stop->thread = 0;
}
