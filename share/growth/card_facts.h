/* What a recording tells of the memory failure of a GPU that mattered: of the first process that
 * failed in the last moments of them all, since those beside it die of that. Each of the others has
 * a verdict of its own: ranks of one training may fail for reasons of their own. */
#pragma once

#include "share/growth/card.h"
#include "share/growth/growth.h"

struct card {
	const struct profile_oom *oom; /* NULL: there was none, and nothing else holds */
	struct card_facts facts;
	struct card_verdict verdict;
	size_t frame;  /* of the user's own, that wanted it, or else the innermost; 0: not known */
	size_t others; /* processes that failed as well, then */
	/* Whose bill it is: the failure's own, or an earlier one of that process and device where
	 * so close behind it none was made; NULL: nobody made one. */
	const struct profile_oom *billed;
	struct sample *curve; /* the facts' */
};

/* Both must outlive it. 0 or -ENOMEM. */
int card_open(struct card *card, const struct profile *profile, const struct growth *growth);

/* Of that failure of the profile's; `others` is 0. */
int card_open_of(struct card *card, const struct profile *profile, const struct growth *growth,
		 const struct profile_oom *oom);
void card_close(struct card *card);

/* The last failure of each process that failed in the last moments, the earliest of them first:
 * that one is card_open's. Writes at most `most`; returns how many there are. */
size_t card_ranks(const struct profile *profile, const struct profile_oom *ranks[], size_t most);

/* Of so many failures the recorder tells, and of more only now and then. */
enum { CARD_TOLD_ALL = 64 };

/* What a stack tells of what its thread was doing; frame 0: nothing. */
enum card_deed card_deed_at(const struct growth *growth, size_t frame);

/* The words of OWED records. What stands in brackets in the table adds up to `total`. */
#define CARD_CLASSES(X)                                                                           \
	X(TOTAL, "total", "what the card has, as torch or the driver tells it")                   \
	X(FREE, "free", "[what nobody held]")                                                     \
	X(ALLOWED, "allowed", "what the process may have of it, where that is less")              \
	X(ALLOCATED, "allocated", "what torch had given to tensors")                              \
	X(RESERVED, "reserved", "what torch held of the driver")                                  \
	X(WEIGHTS, "weights", "[parameters of modules]")                                          \
	X(GRADIENTS, "gradients", "[of parameters]")                                              \
	X(OPTIMIZER, "optimizer", "[the state of optimizers]")                                    \
	X(BUFFERS, "buffers", "[of modules]")                                                     \
	X(ACTIVATIONS, "activations", "[what else was allocated: activations, batches, outputs]") \
	X(UNUSED, "unused", "[reserved, and not allocated]")                                      \
	X(OUTSIDE, "outside", "[the process' own beside torch: context, libraries]")              \
	X(NEIGHBOUR, "neighbour", "[another process', whose pid and name stand behind it]")       \
	X(REST, "rest", "[what the driver itself keeps, or nobody tells of]")

#define CARD_CLASS(id, ...) CARD_OWED_##id,
enum card_class { CARD_CLASSES(CARD_CLASS) N_CARD_CLASSES };
#undef CARD_CLASS

const char *card_class_key(enum card_class class);
int card_class_of(const char *word); /* -1: none of them */
