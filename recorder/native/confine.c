#include "recorder/native/confine.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

static const rlim_t MEMORY = (rlim_t)1 << 30; /* bytes of its own; files that it maps are none */
enum { NOBODY = 65534 };

static void limit(int what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ most, most });
}

static void rank_last(void)
{
	setpriority(PRIO_PROCESS, 0, 19);
	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
}

/* What is read: files whatever their rights, the maps of processes of others, what was deleted. */
static const int needed[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_CHECKPOINT_RESTORE };

static void keep_needed(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct has[2] = { { 0 } }, want[2] = { { 0 } };
	if (syscall(SYS_capget, &head, has) < 0)
		return;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		size_t word = (size_t)needed[i] / 32;
		uint32_t bit = UINT32_C(1) << (needed[i] % 32) & has[word].permitted;
		want[word].permitted |= bit;
		want[word].effective |= bit;
	}
	syscall(SYS_capset, &head, want);
}

/* Root without its capabilities would still be the owner of root's files. */
static void be_nobody(void)
{
	if (geteuid() != 0)
		return;
	prctl(PR_SET_KEEPCAPS, 1);
	if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return;
}

void confine(void)
{
	static const int deaf[] = { SIGINT,  SIGQUIT, SIGHUP,  SIGTSTP, SIGTTIN,
				    SIGTTOU, SIGPIPE, SIGXFSZ, SIGWINCH };
	sigset_t none;
	for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
		signal(deaf[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	rank_last();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int c = 0; c <= CAP_CHECKPOINT_RESTORE; c++)
		prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	be_nobody();
	keep_needed();
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_DATA, MEMORY);
#endif
}
