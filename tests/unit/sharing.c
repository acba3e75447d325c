#include "recorder/tree/sharing.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/pretend.h"

enum { PARENT = 5000000, CHILD };

static void a_fork_has_a_memory_of_its_own(void)
{
	if (sharing_memory(getpid(), getpid(), false) != SHARING_IS) {
		printf("# SKIP: kcmp is forbidden here\n");
		return;
	}
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	CHECK_INT(sharing_memory(getpid(), child, false), SHARING_NOT);
	kill(child, SIGKILL);
	siginfo_t ended;
	waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT);
	CHECK_INT(sharing_memory(getpid(), child, false), SHARING_NOT);
	waitpid(child, NULL, 0);
	CHECK_INT(sharing_memory(getpid(), child, false), SHARING_NOT);
}

/* Where the kernel does not say. */
static void a_parent_in_vfork_is_guessed_by_its_sleep(void)
{
	pretend_begin();
	pretend_process(PARENT, 1, "parent", 'D', 1, 50);
	pretend_process(CHILD, PARENT, "parent", 'R', 2, 50);
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_IS);
	pretend_process(CHILD, PARENT, "child", 'R', 2, 7); /* exec, and the parent wakes up */
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_NOT);
	pretend_process(CHILD, PARENT, "parent", 'R', 2, 50);
	pretend_process(PARENT, 1, "parent", 'S', 1, 50);
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_UNKNOWN);
	CHECK_INT(sharing_memory(PARENT, CHILD, true), SHARING_IS);
	pretend_gone(CHILD);
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_NOT);
	pretend_end();
}

static void put_rollup(int pid, unsigned pss, unsigned shared)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
	pretend_put(path,
		    "0040-7fff ---p 00000000 00:00 0 [rollup]\n"
		    "Rss: 200 kB\nPss: %u kB\nShared_Dirty: %u kB\n",
		    pss, shared);
}

static void others_are_told_by_their_pages(void)
{
	pretend_begin();
	pretend_process(PARENT, 1, "parent", 'S', 1, 50);
	pretend_process(CHILD, PARENT, "parent", 'S', 2, 50);
	put_rollup(PARENT, 190, 0);
	put_rollup(CHILD, 190, 0);
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_IS);
	put_rollup(CHILD, 180, 0);
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_NOT);
	put_rollup(PARENT, 100, 180);
	put_rollup(CHILD, 100, 180); /* a fork that nobody has written to */
	CHECK_INT(sharing_memory(PARENT, CHILD, false), SHARING_UNKNOWN);
	pretend_end();
}

int main(void)
{
	RUN_MEASURED(a_fork_has_a_memory_of_its_own);
	RUN_MEASURED(others_are_told_by_their_pages);
	RUN_MEASURED(a_parent_in_vfork_is_guessed_by_its_sleep);
	return DONE();
}
