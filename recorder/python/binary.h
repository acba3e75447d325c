/* A program or library on disk, as far as finding a way up the stack needs it: where its unwinding
 * tables lie. The file may be anything: nothing in it is believed. The
 * format: elf(5), and the Linux Standard Base for .eh_frame_hdr. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BINARY_LOADS = 16 };

/* Addresses are the file's own, as its headers have them. */
struct binary {
	struct {
		uint64_t address, offset, size;
	} loads[BINARY_LOADS]; /* of the file, what is loaded */
	size_t n_loads;
	uint64_t unwinding;      /* address of .eh_frame_hdr, or 0 */
	int32_t (*functions)[2]; /* functions_read's: the sorted table of .eh_frame_hdr, or NULL */
	size_t n_functions;
};

/* 0, or -ENOEXEC: no file of this machine's kind. */
int binary_read(struct binary *binary, int fd);

/* How many of the `n` bytes at an address the file has. */
size_t binary_bytes(const struct binary *binary, int fd, uint64_t address, void *out, size_t n);

/* The address of the byte at `offset` of the file; false: it is not loaded. */
bool binary_address(const struct binary *binary, uint64_t offset, uint64_t *address);
