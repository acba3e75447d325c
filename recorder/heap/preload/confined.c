#include "recorder/heap/preload/confined.h"

#include <dlfcn.h>
#include <linux/prctl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>

#define EXPORTED __attribute__((visibility("default")))

/* From before it is: what it allows, nobody can ask afterwards. */
static atomic_bool confined;

bool confined_is(void)
{
	return atomic_load_explicit(&confined, memory_order_relaxed);
}

typedef int prctl_function(int option, long a, long b, long c, long d);
typedef long syscall_function(long number, long a, long b, long c, long d, long e, long f);
static prctl_function *next_prctl;
static syscall_function *next_syscall;

__attribute__((constructor)) static void look_up(void)
{
	*(void **)&next_prctl = dlsym(RTLD_NEXT, "prctl");
	*(void **)&next_syscall = dlsym(RTLD_NEXT, "syscall");
}

/* Headers declare both with as many arguments as the caller likes. */
EXPORTED prctl_function prctl_plain __asm__("prctl");
EXPORTED syscall_function syscall_plain __asm__("syscall");

/* It failed, and nothing is forbidden but what was before. */
static void take_back(bool was)
{
	if (!was)
		atomic_store(&confined, false);
}

int prctl_plain(int option, long a, long b, long c, long d)
{
	if (!next_prctl)
		look_up();
	if (option != PR_SET_SECCOMP)
		return next_prctl(option, a, b, c, d);
	bool was = atomic_exchange(&confined, true);
	int result = next_prctl(option, a, b, c, d);
	if (result < 0)
		take_back(was);
	return result;
}

long syscall_plain(long number, long a, long b, long c, long d, long e, long f)
{
	enum { FILTER = 1 }; /* SECCOMP_SET_MODE_FILTER; 0 is the strict one, 2 and 3 only ask */
	if (!next_syscall)
		look_up();
	if (number != SYS_seccomp || a > FILTER)
		return next_syscall(number, a, b, c, d, e, f);
	bool was = atomic_exchange(&confined, true);
	long result = next_syscall(number, a, b, c, d, e, f);
	if (result < 0)
		take_back(was);
	return result;
}
