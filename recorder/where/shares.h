/* What a process holds more or less than at the last look, shared out over the page faults that
 * were told meanwhile. Pure: statm says how much, the faults say who and where. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/profile/record.h"

enum { SHARES_MOST = 512, SHARES_HUGE = 512 /* pages in a huge one */ };

struct share { /* the faults of one thread at one place */
	pid_t thread;
	uint64_t frame; /* 0: no place is known */
	enum profile_how how;
	uint64_t ticket;       /* of its native frames; 0: none */
	uint64_t faults, huge; /* so many, and so many of them that may have brought huge pages */
	int64_t bytes;         /* its part, of shares_divide */
};

struct shares {
	struct share *items;
	size_t n;
	size_t turn; /* of who takes what is too many */
};

/* Of more places than there may be, those that are known take what is too many, in turn. */
void shares_add(struct shares *shares, struct share share);
void shares_free(struct shares *shares);

/* What came to pass between two looks; bytes. */
struct account {
	int64_t grown;  /* that the faults have brought */
	int64_t copied; /* that they have copied: pages that were there, shared with a parent */
	int64_t other;  /* given back, below 0; or grown without any fault that was told */
	int64_t again;  /* that was told before, for which the faults stand as well */
	bool huge;      /* the faults' weights are those with huge pages */
	bool few;       /* `other` is so much that its faults, which nobody told, had huge pages */
};

/* A fault that is told stands for others, of the same CPU: many of them may have been taken before
 * the last account, which has told what they brought without them. */
struct arrears {
	int64_t untold; /* bytes, at most, of faults that were taken, and are not yet told */
	int64_t ahead;  /* of these, that were told as grown: not to be told again with them */
};

struct account_of {
	int64_t change; /* of what is held */
	int64_t page;   /* of a small one */
	int64_t least;  /* of which it is known: below, a difference says nothing */
	int64_t shared; /* that may still be copied: what it inherited, and has not copied */
	bool whole;    /* all faults are told: those taken in system calls too, and none was lost */
	int64_t taken; /* of all faults since the last account, told or not; below 0: not known */
	int64_t heard; /* of those that were told since, placed or not */
	struct arrears arrears; /* as of the last account */
};

struct account shares_account(const struct shares *shares, const struct account_of *of);

/* After that account, when so much of the change was told: `brought` is shares_bytes. */
struct arrears shares_arrears(const struct account_of *of, const struct account *account,
			      int64_t brought, int64_t told);

/* Sets `bytes` of each to its part of those; their sum is `bytes`. */
void shares_divide(struct shares *shares, int64_t bytes, bool huge);

/* What the faults would have brought, each of them a small page. */
int64_t shares_bytes(const struct shares *shares, int64_t page);
