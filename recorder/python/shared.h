/* What the recorder and the agent inside a Python share: one memory file that the recorder makes.
 * Settings go down in it, counters come up. The counters outlive the program, however it ends. The
 * recorder believes nothing that stands behind `attached`: a program can write there. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* AGENT_VARIABLE=/proc/PID/fd/N,TOKEN says where the file is; =N,TOKEN, which segment it is
 * (shmat(2)). */
#define AGENT_VARIABLE "MPROF_AGENT"

enum {
	AGENT_FORMAT = 4,
	AGENT_BYTES = 64 << 20, /* of address space; only what is counted in becomes memory */
	AGENT_WORDS = 4096,     /* bytes of patterns */
	AGENT_TEXT = 256,
	AGENT_BUFFERS = 1024, /* processes that have records pending, at once */
	AGENT_BUFFER = 16384,
	AGENT_BARE = 8,     /* names that are told of */
	AGENT_MARKS = 2048, /* functions that are known when they are made anew */
};

/* What the recorder should say at the end. */
enum {
	AGENT_SAW_TRACER = 1,         /* another tracer had the lines (before 3.12) */
	AGENT_SAW_TOOLS = 2,          /* sys.monitoring had no room (3.12 and later) */
	AGENT_SAW_THREADED = 4,       /* a free-threaded build */
	AGENT_SAW_OLD = 8,            /* before 3.9 */
	AGENT_SAW_FULL = 16,          /* no room for more counters */
	AGENT_SAW_BREAK = 32,         /* --break-at was reached */
	AGENT_SAW_STRANGE = 64,       /* it is not what its version says */
	AGENT_SAW_INTERPRETERS = 128, /* others in the same process */
	AGENT_SAW_STREAM = 256,       /* @profile(stream=…) where no lines are counted */
	AGENT_SAW_OLD_TORCH = 512,    /* whose failures cannot be watched for */
	AGENT_SAW_BARE_TORCH = 1024,  /* one for cards that has nothing to watch with, or refused */
	AGENT_SAW_TORCH = 2048,       /* its failures are watched for */
	AGENT_SAW_SILENT_DRIVER = 4096, /* a card's driver did not answer when it was asked */
};

struct agent_shared {
	uint64_t token;
	uint32_t format;
	/* What is to be done, by the recorder. */
	uint32_t calls, lines; /* @profile: FUNC records; line counters */
	uint32_t every_line;
	uint32_t card;      /* a GPU that has no memory left: what held it */
	uint64_t break_at;  /* bytes; 0: never */
	int64_t clock;      /* ns: the epoch less the monotonic clock */
	atomic_int target;  /* pid, once it is known */
	atomic_uint ready;  /* the recording has its head: records may follow */
	atomic_uint closed; /* the recording has its foot: no more records */
	uint64_t device, inode;
	char recording[PATH_MAX];
	char agent[PATH_MAX];         /* the library, as LD_PRELOAD names it */
	char call_words[AGENT_WORDS]; /* patterns, each ended by a NUL, an empty one at last */
	char line_words[AGENT_WORDS];

	/* What was seen, by the agents. */
	atomic_uint attached;   /* processes */
	atomic_uint registered; /* functions that are looked at */
	atomic_uint notes;
	char tracer[AGENT_TEXT];           /* of which kind it was */
	char broke_at[AGENT_TEXT];         /* where it was reached: "at file:line" or the like */
	atomic_uint n_bare;                /* which @profile stood at in vain, counted on … */
	char bare[AGENT_BARE][AGENT_TEXT]; /* … and the first of them */
	atomic_uint n_marks;
	atomic_uint marks[AGENT_MARKS]; /* where each begins; 0: not yet written */
	_Atomic uint64_t peak; /* bytes: the target's highest, where its high-water mark is reset */
	atomic_uint n_buffers;
	atomic_uint buffers[AGENT_BUFFERS]; /* where each begins */
	atomic_uint n_cards;                /* blocks of AGENT_CARD that are whole */
	_Atomic uint64_t used; /* bytes from the start of the file: the blocks end there */
};

/* What lies behind that, one after the other, aligned to 8 bytes. */
enum { AGENT_LISTING = 1, AGENT_RECORDS = 2, AGENT_MARK = 3, AGENT_CARD = 4 };

struct agent_block {
	uint64_t size; /* the whole */
	uint32_t kind;
	atomic_int pid; /* 0: of records, free again */
};

/* The counters of one function in one process, then the texts of its file and its name, each ended
 * by a NUL. */
struct agent_line {
	int64_t increment, most, peak; /* bytes */
	int64_t foreign;               /* of the increment, what other threads took; an estimate */
	uint64_t occurrences;
};

struct agent_listing {
	struct agent_block head;
	int32_t first;
	uint32_t n_lines, text; /* bytes of both texts */
	uint32_t unused;
	struct agent_line lines[];
};

/* A marked function: the line it begins at, then four texts, each ended by a NUL: its file as the
 * code has it, its own name, its file from the root, its whole name. Read by the agents alone. */
struct agent_mark {
	struct agent_block head;
	int32_t first;
	uint32_t text; /* bytes of all of them */
	char texts[];
};

/* Records of one process on their way to the file, whole lines up to `used`. The agent writes them
 * there when there are many, the recorder every few ticks and at the end; whoever is at it is
 * `busy`. */
struct agent_buffer {
	struct agent_block head;
	atomic_uint busy, used;
	_Atomic uint64_t space; /* of head.pid: agent_pid_space; 0: not told, or not yet */
	char text[AGENT_BUFFER - sizeof(struct agent_block) - 2 * sizeof(unsigned) -
		  sizeof(uint64_t)];
};

/* What a GPU without memory left is told of, lines of fields that tabs part: "oom DEVICE BYTES
 * MOMENT WHO" (µs of the epoch) and then "at LINE FILE FUNCTION" of each frame, the innermost
 * first; or, of the failure before it, "owed DEVICE CLASS BYTES WHOM". BYTES may be "-". */
struct agent_card {
	struct agent_block head;
	atomic_uint ready; /* all of it stands there */
	uint32_t text;     /* bytes */
	char lines[];
};

/* The pid namespace that this process is in, which its pid means nothing outside of; 0: not told.
 */
static inline uint64_t agent_pid_space(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

enum { AGENT_BLOCKS = (sizeof(struct agent_shared) + 63) / 64 * 64 }; /* where the first begins */
