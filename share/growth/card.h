/* Why a GPU had no memory left: the model, the data, something that grows, or somebody else. From
 * what stood in its bill at that moment and from how it had filled; a cause is only told where that
 * holds up, else the figures alone. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/profile/sample.h"

/* What the thread that wanted more was doing, by its stack. */
enum card_deed {
	CARD_UNTOLD, /* nothing is known of it */
	CARD_OTHER,
	CARD_LOADING, /* weights: making a module, moving it to the card, loading its state */
	CARD_FORWARD,
	CARD_BACKWARD,
	CARD_STEPPING, /* the optimizer's step */
};

enum card_cause {
	CARD_CANNOT_TELL,
	CARD_MODEL,       /* the weights, with their gradients, fit in no way */
	CARD_STATE,       /* the optimizer's first step */
	CARD_SECOND,      /* a second model beside one that is there */
	CARD_FIRST_BATCH, /* data: already the first is too large */
	CARD_ONE_BATCH,   /* data: one, after others that were smaller */
	CARD_VARYING,     /* data: ever larger ones, more and more seldom */
	CARD_GROWTH,      /* something keeps what each iteration makes */
	CARD_FRAGMENTS,
	CARD_NEIGHBOUR,
	CARD_POOL, /* a pool that is bounded below the card, or another library's beside it */
	CARD_CAUSES,
};

enum card_library { CARD_TORCH, CARD_JAX, CARD_CUPY, CARD_LIBRARIES }; /* whose pool failed */

/* umib, or PROFILE_UNTOLD. */
struct card_facts {
	enum card_library library;
	enum card_deed deed;
	int64_t card;  /* what the card has */
	int64_t total; /* what it may have: the card's, or what it is allowed of it */
	int64_t wanted, free;
	int64_t allocated, reserved; /* the pool's: in use; and with what it keeps for later */
	int64_t weights, gradients, optimizer, buffers;
	int64_t outside;    /* the process', not the pool's: context, libraries */
	int64_t neighbours; /* other processes' */
	/* What the process held there until then, by time; without one that is `n` 0. */
	const struct sample *curve;
	size_t n;
	int64_t at;  /* µs */
	int64_t age; /* µs: how much earlier the weights and the rest were counted; 0: at it */
};

struct card_verdict {
	enum card_cause cause;
	bool sure;         /* all that it rests on was told; else it is likely */
	int64_t fixed;     /* umib: weights, gradients, optimizer's state, buffers; UNTOLD */
	int64_t variable;  /* umib: what else torch has in use: activations, batches, outputs */
	int64_t since;     /* µs: GROWTH, VARYING: when it began to; ONE_BATCH: until when not */
	int64_t before;    /* umib: what was held then */
	bool gave_back;    /* VARYING: it did not keep what it rose by */
	double per_second; /* umib: GROWTH */
};

void card_judge(const struct card_facts *facts, struct card_verdict *verdict);
const char *card_cause_key(enum card_cause cause);  /* "model", "one-batch": for JSON */
const char *card_cause_name(enum card_cause cause); /* "data: one batch": for people */

/* What a frame of that file and function tells of the deed; CARD_UNTOLD: nothing. */
enum card_deed card_deed_of(const char *path, const char *function);

enum { CARD_WORDS = 1024 };

/* The cause, what the card held, what was wanted, and what helps: a few sentences. `place` is the
 * line that wanted it, or NULL; `start` the zero of moments, µs. Returns `out`. */
char *card_say(char out[CARD_WORDS], const struct card_facts *facts,
	       const struct card_verdict *verdict, const char *place, int64_t start);

/* Of what card_say has said, all that stands behind the cause: whole sentences. */
const char *card_after_cause(const char *said, const struct card_verdict *verdict);
