/* Binaries that code was met of, each once whoever has mapped it: what unwinding and naming need of
 * it, and what either has found. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/native/frames.h"
#include "recorder/native/rules.h"
#include "recorder/native/symbols.h"
#include "recorder/native/units.h"

enum { MODULE_SEGMENTS = 16, MODULES_MOST = 4096 };

struct module {
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t changed; /* ns of the epoch */
	char *path;      /* as it was first met */
	bool broken;     /* it has made us crash: only offsets are told */
	int fd, debug_fd;
	Elf *elf, *debug;
	Dwarf *dwarf;
	struct segment {
		uint64_t offset, size, address; /* in the file; where it wants to be */
	} segments[MODULE_SEGMENTS];
	size_t n_segments;
	bool has_names; /* symbols and units were looked for */
	struct symbols symbols;
	struct units units;
	struct rules rules;
	struct named {
		uint64_t key;   /* the address; 0: none */
		uint32_t first; /* of its numbers */
		uint16_t n;
		uint8_t mark; /* naming.h */
	} * named;            /* by hash */
	size_t n_named, room_named;
	uint32_t *numbers; /* of frames.h */
	size_t n_numbers;
	unsigned unnamed; /* answers that lack a name of it */
	bool advised;
	bool dull; /* the C library: nobody looks for a line of it */
};

struct modules {
	struct module **items;
	size_t n;
	unsigned age; /* counts how often all were dropped; from 1 on */
};

/* Takes the descriptor. NULL: it is no binary of this machine, or no memory. */
struct module *modules_take(struct modules *modules, int fd, const char *path);
void modules_free(struct modules *modules);

/* Reads its symbols and what debugging information there is: `pid` has it mapped. */
void module_read_names(struct module *module, pid_t pid);

/* Where in its own terms, of an address that lies `within` the map of this offset; false: in none
 * of its segments. */
bool module_address(const struct module *module, uint64_t within, uint64_t offset,
		    uint64_t *address);
