/* Control groups and the kernel's log: a target's /proc may hold anything; what is found lies below
 * its mount and fits its place. */
#include "recorder/kernel/cgroup.h"

#include <string.h>

#include "recorder/kernel/kernel_log.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroup cgroup = { .mount = 0 };
	char *text = malloc(size + 2);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = text[size + 1] = '\0';
	const char *mounts = text + strlen(text) + (strlen(text) < size); /* behind the first NUL */
	if (cgroup_parse(&cgroup, "/root", text, mounts) == 0) {
		PROMISE(strnlen(cgroup.folder, sizeof cgroup.folder) < sizeof cgroup.folder);
		PROMISE(strncmp(cgroup.folder, "/root", 5) == 0);
		PROMISE(cgroup.mount <= strlen(cgroup.folder));
	}
	PROMISE(kernel_log_parse(text, 0) >= 0);
	free(text);
	return 0;
}
