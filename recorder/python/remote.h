/* Reading the memory of another process: process_vm_readv(2), which needs the rights of ptrace and
 * stops nobody. Any address may be asked for; what is not there is not read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* process_vm_readv(2), through a thread that lives where the leading one has ended. */
ssize_t remote_pieces(pid_t pid, const struct iovec *here, size_t n_here, const struct iovec *there,
		      size_t n_there);

/* All `n` bytes, or false. */
bool remote_read(pid_t pid, uint64_t at, void *out, size_t n);

/* The pointer there, or 0. */
uint64_t remote_pointer(pid_t pid, uint64_t at);

/* `n` pieces of `each` bytes (at most 64), one behind the other in `out`; those that cannot be read
 * are zeroed. */
void remote_gather(pid_t pid, const uint64_t *at, size_t n, size_t each, void *out);

/* 0, or why nothing may be read: -EPERM, -ESRCH. */
int remote_check(pid_t pid, uint64_t at);
