/* What the recorder and libmprof-heap.so inside a program share: one memory file that the recorder
 * makes. Settings go down in it, what lives comes up; it outlives the program, however that ends.
 * The recorder believes nothing that stands behind `attached`: a program can write there.
 *
 * Blocks lie one after the other behind the head, and are taken by adding to `used`: of each
 * process one heap_process, and its sites, places and texts as they are needed. All offsets are
 * bytes from the start of the file, multiples of 8; 0: none. What is pointed to is whole before the
 * offset is written. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* HEAP_VARIABLE=/proc/PID/fd/N,TOKEN says where the file is; =N,TOKEN, which segment (shmat(2)). */
#define HEAP_VARIABLE "MPROF_HEAP"

enum {
	HEAP_FORMAT = 3,
	HEAP_BYTES = 256 << 20, /* of address space; only what is used becomes memory */
	HEAP_PROCESSES = 1024,
	HEAP_DEPTH = 64, /* places of a site at most: the innermost, and some of the outermost */
};

/* What the recorder should say at the end; of a process. */
enum {
	HEAP_SAW_FULL = 1,      /* no room: some sites are counted in the process' first one */
	HEAP_SAW_ALLOCATOR = 2, /* the program has a malloc of its own, which is not seen */
	HEAP_SAW_DISPLACED = 4, /* another preload stands before us */
	HEAP_SAW_OLD = 8,       /* a Python whose lines cannot be told */
	HEAP_SAW_NEW = 16, /* its allocator has an operator new of its own, which is not seen */
	HEAP_SAW_CONFINED = 32, /* it has forbidden itself calls of the kernel; samples ended */
};

struct heap_shared {
	uint64_t token;
	uint32_t format;
	uint32_t unused;
	uint64_t mean; /* bytes between samples */

	atomic_uint attached; /* processes, ever */
	_Atomic uint64_t used;
	_Atomic uint64_t processes[HEAP_PROCESSES]; /* struct heap_process */
};

/* A block of the file: what follows its head is of its kind. */
enum { HEAP_PROCESS = 1, HEAP_SITES = 2, HEAP_PLACES = 3, HEAP_TEXTS = 4, HEAP_EXTENTS = 5 };
struct heap_block {
	uint64_t size; /* the whole, bytes */
	uint32_t kind;
	uint32_t n;            /* items that there is room for */
	_Atomic uint64_t next; /* of the same kind and process */
	atomic_uint filled;    /* items that are whole */
	uint32_t unused;
};

/* Where an allocation was asked for. Of Python: texts and a line. Of native code: an address, as
 * the process has it, right behind the call. */
struct heap_place {
	uint64_t address;        /* 0: of Python */
	uint64_t path, function; /* texts, UTF-8, each ended by a NUL */
	int32_t line;
	uint32_t unused;
};

/* Code of a file, as the process has mapped it: of addresses it is told whose they are, by these
 * where the process has gone before the recorder came to look. By address. */
struct heap_extent {
	uint64_t start, end, offset; /* addresses; of the file */
	uint64_t path;               /* a text */
};

/* The figures of one stack; estimates, bytes. Each only ever grows but for `live`, `blocks` and
 * `spread`, which go down at a free. */
struct heap_site {
	_Atomic int64_t live;       /* w = n / (1 - e^(-n/mean)) of each sampled block that lives */
	_Atomic int64_t given_back; /* the same, of those freed */
	_Atomic int64_t blocks;     /* sampled blocks that live */
	_Atomic int64_t spread;     /* of what lives, the variance: w (w - n), in KiB² */
	uint32_t inherited;         /* 1: of blocks that the parent had sampled before the fork */
	uint32_t depth;             /* places, innermost first */
	/* Each a struct heap_place, by its offset / 8; one whose address is 1 stands for those left
	 * out. */
	uint32_t places[HEAP_DEPTH];
};

struct heap_process {
	struct heap_block head;
	/* As it sees itself … 0: free again, since it has gone and the recorder has read all of it:
	 * who needs one takes it by -1, with its blocks of sites, makes these as new, and writes
	 * `pid` at last. Places and texts stay as they are: a child's sites may point to them. */
	atomic_int pid;
	uint32_t flags; /* HEAP_SAW_… */
	uint64_t space; /* … in this pid namespace; 0: not told (shared.h: agent_pid_space) */
	_Atomic uint64_t sites, places, texts; /* the first block of each */
	atomic_uint version;                   /* of its Python, 0x030b; 0: none */
	uint32_t serial; /* which it was of those that attached: of two with one pid the later
			  * stands for the process, which has called exec meanwhile */
	atomic_int
		parent; /* as `pid`: it was forked off that one, which stands here; 0: it was not */
	uint32_t unused;
	/* What malloc says of itself (mallinfo2, or another allocator's own figures), and CPython's
	 * arenas; bytes, as of `asked`, monotonic ns; 0: never. Kept is, of glibc, what
	 * malloc_trim(0) would give back, were all of it resident. */
	_Atomic int64_t asked;
	_Atomic uint64_t malloc_used, malloc_kept, malloc_range; /* the last: of glibc's arenas */
	_Atomic uint64_t python_used, python_kept;
	atomic_uint allocator; /* 0: glibc, 1: jemalloc, 2: tcmalloc, 3: mimalloc, 9: another */
	atomic_uint wanted;    /* the recorder's: those figures are wanted anew, so many times */
	/* What the sampled blocks stand for in glibc's arenas and in CPython's, heads and all, and
	 * the size of CPython's; bytes: now, and as of `asked`. A program can be asked only while
	 * it allocates: what these have changed by since then, it would say as well. */
	_Atomic int64_t in_malloc, in_malloc_then;
	atomic_uint whole; /* thousandths of what malloc has free meanwhile that are whole pages */
	uint32_t unused_too;
	_Atomic int64_t in_python, in_python_then;
	_Atomic int64_t python_range, python_range_then;
	_Atomic uint64_t extents; /* the first block, of what was mapped when the program began; of
				   * one that was forked, its parent's */
};
