#include "recorder/kernel/detach.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "recorder/kernel/descriptor.h"

void detach(int keep, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (getppid() != parent)
		_exit(0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < DETACH_KEPT && null >= 0; fd++)
		dup2(null, fd);
	dup2(keep, DETACH_KEPT);
	descriptor_close_from(DETACH_KEPT + 1);
}
