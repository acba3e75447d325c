#include "recorder/library/own_peak.h"

#include "recorder/kernel/procfs.h"

/* A thread's own folder tells of the whole process, also after its first thread has ended. */
int own_peak_read(uint64_t *bytes)
{
	char text[4096];
	ssize_t n = procfs_once(0, "thread-self/status", text, sizeof text);
	return n < 0 ? (int)n : procfs_parse_kb(text, "VmHWM:", bytes);
}

int own_peak_reset(void)
{
	struct procfs clear;
	int r = procfs_open_to_write(&clear, 0, "thread-self/clear_refs");
	if (r == 0)
		r = procfs_write(&clear, "5");
	procfs_close(&clear);
	return r;
}
