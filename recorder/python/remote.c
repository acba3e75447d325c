#include "recorder/python/remote.h"

#include <errno.h>
#include <string.h>

#include "recorder/kernel/procfs.h"

enum { PIECES = 64 };

ssize_t remote_pieces(pid_t pid, const struct iovec *here, size_t n_here, const struct iovec *there,
		      size_t n_there)
{
	ssize_t got = process_vm_readv(pid, here, n_here, there, n_there, 0);
	if (got >= 0 || errno != ESRCH)
		return got;
	pid_t live = procfs_live_thread(pid);
	errno = ESRCH;
	return live > 0 && live != pid ? process_vm_readv(live, here, n_here, there, n_there, 0)
				       : -1;
}

bool remote_read(pid_t pid, uint64_t at, void *out, size_t n)
{
	struct iovec here = { out, n }, there = { (void *)(uintptr_t)at, n };
	return remote_pieces(pid, &here, 1, &there, 1) == (ssize_t)n;
}

uint64_t remote_pointer(pid_t pid, uint64_t at)
{
	uint64_t value = 0;
	return remote_read(pid, at, &value, sizeof value) ? value : 0;
}

/* The kernel stops at the first piece that it cannot read. */
static size_t gather_some(pid_t pid, const uint64_t *at, size_t n, size_t each, uint8_t *out)
{
	struct iovec there[PIECES], here = { out, n * each };
	for (size_t i = 0; i < n; i++)
		there[i] = (struct iovec){ (void *)(uintptr_t)at[i], each };
	ssize_t got = remote_pieces(pid, &here, 1, there, n);
	return got > 0 ? (size_t)got / each : 0;
}

void remote_gather(pid_t pid, const uint64_t *at, size_t n, size_t each, void *out)
{
	uint8_t *to = out;
	for (size_t done = 0; done < n;) {
		size_t some = n - done < PIECES ? n - done : PIECES;
		size_t got = gather_some(pid, at + done, some, each, to + done * each);
		done += got;
		if (got < some)
			memset(to + done++ * each, 0, each);
	}
}

int remote_check(pid_t pid, uint64_t at)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)(uintptr_t)at, 1 };
	return remote_pieces(pid, &here, 1, &there, 1) == 1 ? 0 : -errno;
}
