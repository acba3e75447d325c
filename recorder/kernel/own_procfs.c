#include "recorder/kernel/own_procfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

/* The numbers behind a key; NULL: there is no such line. */
static const char *find(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	return at ? at + strlen(key) : NULL;
}

/* "Pid:" is our number in the namespace of this /proc, "NSpid:" (since Linux 4.1) that and those in
 * all namespaces below, the last of which is ours: proc_pid_status(5). By accident the numbers may
 * be the same. */
int own_procfs_parse(const char *text, pid_t pid)
{
	const char *number = find(text, "\nPid:"), *numbers = find(text, "\nNSpid:");
	if (!number || atoi(number) != pid)
		return -EXDEV;
	if (!numbers)
		return 0;
	numbers += strspn(numbers, " \t");
	numbers += strcspn(numbers, " \t\n");
	numbers += strspn(numbers, " \t");
	return *numbers == '\n' || *numbers == '\0' ? 0 : -EXDEV;
}

/* A machine that is made up has none of our numbers. */
int own_procfs_check(void)
{
	char text[1 << 14], path[MACHINE_PATH];
	if (*machine_root())
		return 0;
	if (procfs_once(0, "self/status", text, sizeof text) > 0)
		return own_procfs_parse(text, getpid());
	machine_path(path, "/proc/mounts"); /* a link into a folder that has no number for us */
	return readlink(path, text, sizeof text) > 0 ? -EXDEV : -ENOENT;
}
