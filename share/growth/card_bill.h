/* What held a card that had no memory left, as rows that add up to it: the same ones wherever they
 * are shown. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct profile;
struct profile_oom;
struct profile_owed;

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
	X(REST, "rest", "[what the driver itself keeps, or nobody tells of]")                     \
	X(ENDED, "ended", "no figure: the exception that ended the process, which came of it")    \
	X(OUTLIVED, "outlived", "no figure: the exception that ended the process, of another cause")

#define CARD_CLASS(id, ...) CARD_OWED_##id,
enum card_class { CARD_CLASSES(CARD_CLASS) N_CARD_CLASSES };
#undef CARD_CLASS

const char *card_class_key(enum card_class class);
int card_class_of(const char *word); /* -1: none of them */

/* The first figure of that class; NULL: there is none. */
const struct profile_owed *card_owed(const struct profile_oom *oom, enum card_class class);

/* As they stand on each other, from the bottom. What is in use is told by its classes, or, where
 * nobody looked, in one row. */
#define CARD_ROWS(X)                                          \
	X(WEIGHTS, "weights", "weights")                      \
	X(GRADIENTS, "gradients", "gradients")                \
	X(OPTIMIZER, "optimizer", "optimizer's state")        \
	X(BUFFERS, "buffers", "buffers")                      \
	X(ACTIVATIONS, "activations", "activations, batches") \
	X(USED, "used", "in use, undivided")                  \
	X(UNUSED, "unused", "reserved, not in use")           \
	X(OUTSIDE, "outside", "context, libraries")           \
	X(NEIGHBOUR, "neighbours", "other processes")         \
	X(REST, "rest", "not told")                           \
	X(FREE, "free", "free")

#define CARD_ROW(id, ...) CARD_ROW_##id,
enum card_row { CARD_ROWS(CARD_ROW) N_CARD_ROWS };
#undef CARD_ROW

struct card_bill {
	const struct profile_oom *of;
	int64_t age; /* µs: it was made so much earlier than the failure */
	struct {
		bool there;   /* the row belongs to it */
		int64_t umib; /* PROFILE_UNTOLD: not known, and in "not told" */
	} rows[N_CARD_ROWS];
	int64_t total;   /* umib: what they add up to, but for `over` */
	int64_t allowed; /* umib: less than the card; 0: all of it */
	int64_t over;    /* umib: they come to so much more than there is */
	bool cut;        /* classes are at least so much, activations at most */
};

const char *card_row_key(enum card_row row);  /* "optimizer": for JSON */
const char *card_row_name(enum card_row row); /* "optimizer's state": for people */

/* The last failure until then of that process and device for which somebody looked what is in use;
 * NULL: there is none. */
const struct profile_oom *card_billed(const struct profile *profile, const struct profile_oom *oom);

/* That of a failure, or where none was made, the last before it of that process and device. False:
 * there is none that tells what the card has. */
bool card_bill_make(struct card_bill *bill, const struct profile *profile,
		    const struct profile_oom *oom);
