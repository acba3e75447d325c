/* We stand where the program would have stood: what is sent to us is meant for it, and what stops
 * it stops us, so that whoever started us sees what it would have seen. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "recorder/recording/witness.h"

struct recording;

struct proxy {
	struct witness witness;
	char *const *words; /* the program's, for it */
	bool looked;        /* it was started, or cannot be */
	sigset_t before;    /* of what waits for us: may have been sent before it was there */
	int64_t stopping;   /* monotonic ns: somebody has wished that we stop; 0: nobody */
};

#define PROXY_NONE                       \
	{                                \
		.witness = WITNESS_NONE, \
	}

/* A witness is called some time after the start, since a program that ends at once needs none:
 * shortens what is `left` to sleep, and calls it. */
int64_t proxy_wait(const struct recording *recording, int64_t now, int64_t left);
void proxy_look(struct recording *recording, int64_t now);

/* A signal that came to us. The program gets it as it came, unless it had it already. */
void proxy_pass(struct recording *recording, const siginfo_t *info);

/* The program has ended. A launcher signals one process after the other: who has ended it may be
 * told to us a moment later. */
void proxy_await_reason(struct recording *recording);

/* Something has become of a child of ours: where it is the program that has stopped, for it was
 * told to as we were, so do we. */
void proxy_heed(struct recording *recording);

void proxy_close(struct proxy *proxy);
