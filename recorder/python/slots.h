/* Which register, or which word of its part of the stack, holds what CPython's bytecode loop works
 * with: its pointer to the next instruction, and that to the frame. That is up to whoever compiled
 * it, and is learned from what the words are seen to hold. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/python/unwind.h"

enum {
	SLOTS_WORDS = 128, /* looked at: registers that calls preserve, then the words below the
			      frame's base, the nearest first */
	SLOTS_SITES = 256, /* places in the loop that call others */
	SLOTS_MET = 64,    /* values of a word that are remembered */
	SLOTS_NONE = -1,
};

enum slot_kind { SLOT_NEXT, SLOT_FRAME, SLOT_KINDS };

struct slots {
	struct slots_site {
		uint64_t place; /* of the counter in the loop; 0: not used */
		uint8_t n[SLOT_KINDS], fit[SLOT_KINDS][SLOTS_WORDS]; /* samples, and those in
									which a word fitted */
		uint8_t right[SLOTS_WORDS];                          /* slots_prove, there */
	} * sites;                                                   /* by a hash of the place */
	/* Each place of the loop serves other instructions, so the pointer to the next one differs
	 * from place to place; what is left over from some call before is the same at many. */
	struct slots_word {
		struct slots_value {
			uint64_t value, places[4];
			unsigned n;
		} met[SLOTS_MET];    /* by a hash of the value */
		unsigned crowd;      /* places beyond the first, of all values */
		unsigned proofs;     /* it said the line at which that frame was seen */
		unsigned held, idle; /* it fitted, and behind an instruction that calls nobody */
	} * words;                   /* SLOTS_WORDS of them */
	unsigned votes[SLOT_KINDS][SLOTS_WORDS];  /* sites at which a word mostly fits */
	unsigned fitted[SLOT_KINDS][SLOTS_WORDS]; /* samples in which it did */
	size_t samples, next_count;
};

struct slots_words {
	uint64_t all[SLOTS_WORDS]; /* 0: not known */
	size_t n;
};

/* What the words held in that function. */
void slots_read(const struct fault *fault, const struct unwound *at, struct slots_words *words);

bool slots_have(const struct slots_words *words, uint64_t word);

/* A loop always holds the frame that it runs. What is of code that was seen to run in another frame
 * than any that the words point to, `frames` says in which for each (0: not known), is left over,
 * and is made 0, where there is one whose frame is among them. */
void slots_leave_out_others(struct slots_words *words, const uint64_t frames[SLOTS_WORDS]);

/* Has enough been learned of that place of the loop? */
bool slots_is_learned(const struct slots *slots, uint64_t place);

/* In a sample taken there those words fitted (a byte for each, 0 or 1). */
void slots_learn(struct slots *slots, uint64_t place, enum slot_kind kind,
		 const uint8_t fits[SLOTS_WORDS]);

/* The word to believe there, or SLOTS_NONE: not yet, or none does. `fits` says which may be it now;
 * NULL: nobody knows. */
int slots_choose(const struct slots *slots, uint64_t place, enum slot_kind kind,
		 const uint8_t fits[SLOTS_WORDS]);

/* At that place the word held that value, which fitted. */
void slots_see(struct slots *slots, uint64_t place, int word, uint64_t value);

/* What the word held stands behind an instruction; `idle`: behind one that calls nobody, which the
 * loop, that has called somebody, does not run. */
void slots_hold(struct slots *slots, int word, bool idle);

/* What the word held was the line at which the same frame was seen a moment later. */
void slots_prove(struct slots *slots, uint64_t place, int word);

/* May that word be the one there at all? */
bool slots_is_candidate(const struct slots *slots, uint64_t place, int word);

/* How often that word was right, there and anywhere. */
unsigned slots_proofs(const struct slots *slots, uint64_t place, int word);

/* May that word, which is not the chosen one, be it as well, for all that is known? */
bool slots_is_rival(const struct slots *slots, uint64_t place, int chosen, int word);

void slots_forget(struct slots *slots);
