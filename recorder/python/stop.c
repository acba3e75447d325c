#include "recorder/python/stop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "recorder/procfs.h"

static bool is_running(pid_t process, pid_t thread)
{
	char text[1024];
	struct procfs_stat stat;
	struct procfs file = { .pid = process, .thread = thread, .name = "stat", .fd = -1 };
	return procfs_read(&file, text, sizeof text) > 0 && procfs_parse_stat(text, &stat) == 0 &&
	       stat.state == 'R';
}

/* WNOWAIT: the end of our own child is left to whoever waits for it. Of a stop, the status is the
 * signal, and in the next byte the event: ptrace(2). */
static bool await_stop(struct stop *stop, pid_t thread)
{
	siginfo_t info;
	const int what = WSTOPPED | WEXITED | __WALL;
	memset(&info, 0, sizeof info);
	if (waitid(P_PID, (id_t)thread, &info, what | WNOWAIT) < 0 || info.si_code == CLD_EXITED ||
	    info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
		return false;
	waitid(P_PID, (id_t)thread, &info, WSTOPPED | __WALL);
	stop->signal = info.si_status >> 8 == 0 ? info.si_status & 0x7f : 0;
	return true;
}

bool stop_make(struct stop *stop, pid_t process, pid_t thread)
{
	*stop = (struct stop){ 0 };
	if (!is_running(process, thread) || ptrace(PTRACE_SEIZE, thread, NULL, NULL) < 0)
		return false;
	stop->thread = thread;
	if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 && await_stop(stop, thread))
		return true;
	stop->thread = 0; /* it has ended */
	return false;
}

void stop_release(struct stop *stop)
{
	if (stop->thread)
		ptrace(PTRACE_DETACH, stop->thread, NULL, (void *)(long)stop->signal);
	stop->thread = 0;
}
