#include "recorder/tree/sharing.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/pretend.h"

enum { PARENT = 5000000, CHILD };

static void a_fork_has_a_memory_of_its_own(void)
{
	if (!sharing_memory(getpid(), getpid())) {
		printf("# SKIP: kcmp is forbidden here\n");
		return;
	}
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	CHECK(!sharing_memory(getpid(), child));
	kill(child, SIGKILL);
	siginfo_t ended;
	waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT);
	CHECK(!sharing_memory(getpid(), child));
	waitpid(child, NULL, 0);
	CHECK(!sharing_memory(getpid(), child));
}

/* Where the kernel does not say. */
static void a_parent_in_vfork_is_guessed_by_its_sleep(void)
{
	pretend_begin();
	pretend_process(PARENT, 1, "parent", 'D', 1, 50);
	pretend_process(CHILD, PARENT, "parent", 'R', 2, 50);
	CHECK(sharing_memory(PARENT, CHILD));
	pretend_process(CHILD, PARENT, "child", 'R', 2, 7); /* exec, and the parent wakes up */
	CHECK(!sharing_memory(PARENT, CHILD));
	pretend_process(CHILD, PARENT, "parent", 'R', 2, 50);
	pretend_process(PARENT, 1, "parent", 'S', 1, 50);
	CHECK(!sharing_memory(PARENT, CHILD));
	pretend_gone(CHILD);
	CHECK(!sharing_memory(PARENT, CHILD));
	pretend_end();
}

int main(void)
{
	RUN(a_fork_has_a_memory_of_its_own);
	RUN(a_parent_in_vfork_is_guessed_by_its_sleep);
	return DONE();
}
