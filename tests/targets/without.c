/* without CALL[,CALL…] PROGRAM [ARGUMENTS]: runs the program where the kernel refuses these calls,
 * as a container does: perf (perf_event_open), netlink (sockets of that family), kcmp, kill.
 * 77: it cannot be arranged here. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define REFUSE                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int install(struct sock_filter *filter, size_t n)
{
	const struct sock_fprog program = { (unsigned short)n, filter };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
			       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0
		       ? 0
		       : -1;
}

static int refuse_call(unsigned number)
{
	struct sock_filter filter[] = { LOAD(nr), SKIP_UNLESS(number, 1), REFUSE, ALLOW };
	return install(filter, sizeof filter / sizeof *filter);
}

static int refuse_netlink(void)
{
	struct sock_filter filter[] = { LOAD(nr),      SKIP_UNLESS(SYS_socket, 3),
					LOAD(args[0]), SKIP_UNLESS(AF_NETLINK, 1),
					REFUSE,        ALLOW };
	return install(filter, sizeof filter / sizeof *filter);
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	if (strstr(argv[1], "perf") && refuse_call(SYS_perf_event_open) < 0)
		return 77;
	if (strstr(argv[1], "kcmp") && refuse_call(SYS_kcmp) < 0)
		return 77;
	if (strstr(argv[1], "netlink") && refuse_netlink() < 0)
		return 77;
	if (strstr(argv[1], "kill") && refuse_call(SYS_kill) < 0)
		return 77;
	execvp(argv[2], argv + 2);
	return 127;
}
