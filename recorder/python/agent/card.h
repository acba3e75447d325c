/* A GPU without memory left, where torch fails: who asked for more, and what held the card. Nothing
 * is done before it fails but to wait for torch to use its cards. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/agent/cpython.h"

void card_importing(void); /* something is about to be imported: torch may be there by now */

/* An exception ends the program: sys.excepthook's arguments, as they are audited. */
void card_ending(PyObject *arguments);
void card_raised(PyObject *arguments);    /* the same of a thread: the program goes on */
void card_has_failed(const char *device); /* what ends the program may come of that */

/* Libraries whose failures nobody tells of until an exception ends a thread are there by now: such
 * an end is told of, too. */
void card_watch_threads(void);

/* ---- what is told, line by line (struct agent_card) ---- */

struct card_text {
	char *text; /* malloc'ed */
	size_t n, room;
};

enum { CARD_UNKNOWN = -1 }; /* bytes */

/* A line of fields that `format` gives, tabs between them; one that there is no room for is left
 * out. */
void card_put(struct card_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A field for it: what would end a field or a line is another character. Returns `out`. */
char *card_field(char *out, size_t size, const char *text);

/* Hands it over to the recorder, and frees it. */
void card_pass_on(struct card_text *text);

/* The frames of this thread; of one of autograd's own those of whoever waits for it, too. */
void card_put_stack(struct card_text *text);
void card_put_traceback(struct card_text *text, PyObject *traceback); /* those of an exception */

/* ---- which device, and who is on it ---- */

enum { CARD_NEIGHBOURS = 16 };

struct card_device {
	char name[16]; /* as the driver numbers it, where that is known; else as torch does */
	int64_t total; /* bytes; CARD_UNKNOWN, as the rest */
	int64_t free;
	int64_t own; /* this process' */
	size_t n_others;
	struct {
		unsigned pid;
		int64_t bytes;
	} others[CARD_NEIGHBOURS]; /* the last: the rest of them, with pid 0 */
};

void card_find_device(struct card_device *device, int ordinal);

/* ---- a failure ---- */

struct card_failure {
	int ordinal;
	int64_t wanted, told, free; /* bytes; told: the card's, or what is allowed of it */
	bool beside;                /* another one is being told of */
	struct card_device device;
};

/* `who`: the library and its version; the frames follow it. */
void card_put_failure(struct card_text *text, const struct card_failure *f, const char *who);

/* A figure of its bill; CARD_UNKNOWN is told as such. */
void card_owe(struct card_text *text, const struct card_failure *f, const char *class,
	      int64_t bytes, const char *whom);

/* What is not of the pool, which holds `reserved` of `total`: the process', others', and what
 * nobody tells of. */
void card_owe_rest(struct card_text *text, const struct card_failure *f, int64_t total,
		   int64_t reserved);

/* All of torch's figures, of a failure at which `told` and `free` are torch's. `whole`: those that
 * take a walk over all objects as well, which ends in time. `began`: monotonic ns. */
void card_owe_torch(struct card_text *text, const struct card_failure *f, int64_t began,
		    bool whole);

/* A module's __version__, as a field. Returns `out`. */
char *card_version(char *out, size_t size, const char *module);

/* Calls it while the collector is off, so that nothing of the program's is finalized by what we
 * allocate. */
void card_undisturbed(void (*tell)(struct card_failure *), struct card_failure *f);

/* ---- torch's pool ---- */

struct card_block {
	uint64_t at;
	int64_t size;
	bool taken; /* somebody's already */
};

struct card_pool {
	/* What is in use, by address; or, where that is not told, what was claimed. malloc'ed */
	struct card_block *blocks;
	size_t n, room;
	int64_t allocated, reserved; /* bytes */
	bool known, has_blocks;
};

void card_pool_read(struct card_pool *pool, int ordinal);
void card_pool_sums(struct card_pool *pool, int ordinal); /* allocated and reserved alone */

/* False: that is none of the pool's. `bytes`: how much of it nobody has claimed. */
bool card_pool_claim(struct card_pool *pool, uint64_t address, int64_t size, int64_t *bytes);

/* ---- what its blocks are ---- */

enum card_kind { CARD_WEIGHTS, CARD_GRADIENTS, CARD_STATE, CARD_BUFFERS, CARD_KINDS };

struct card_bill {
	struct card_pool *pool;
	int ordinal;
	int64_t until; /* monotonic ns: then enough is enough */
	bool cut;      /* … which it was: there may be more of each */
	int64_t bytes[CARD_KINDS];
};

/* False: this torch's tensors do not tell where they lie. */
bool card_bill_make(struct card_bill *bill);
