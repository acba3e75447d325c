#include "recorder/tree/sharing.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

/* The kernel lets nobody but the killer interrupt a parent in vfork: it is in state D. */
static bool seems_shared(pid_t parent, pid_t child)
{
	char ours[256], theirs[256];
	struct procfs_stat stat;
	return procfs_stat(parent, &stat) == 0 && stat.state == 'D' &&
	       procfs_once(parent, "statm", ours, sizeof ours) > 0 &&
	       procfs_once(child, "statm", theirs, sizeof theirs) > 0 && strcmp(ours, theirs) == 0;
}

/* Of a machine that is made up no kernel can be asked. */
static long compare(pid_t parent, pid_t child)
{
	errno = ENOSYS;
	return *machine_root() ? -1 : syscall(SYS_kcmp, parent, child, KCMP_VM, 0UL, 0UL);
}

/* A leading thread that has ended has no memory to compare, where its others have. */
static long compare_again(pid_t parent, pid_t child, long order)
{
	pid_t live = procfs_live_thread(parent);
	return live > 0 && live != parent ? compare(live, child) : order;
}

bool sharing_memory(pid_t parent, pid_t child)
{
	long order = compare(parent, child);
	if (order > 0)
		order = compare_again(parent, child, order);
	if (order >= 0) /* two that have ended share the memory that they do not have */
		return order == 0 && procfs_has_memory(child);
	return errno != ESRCH && seems_shared(parent, child);
}
