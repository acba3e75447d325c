/* What a recording comes to: what happened to the program, how much it held and what it was
 * allowed, who held it, whether it goes on growing, and what is odd about the figures. Each
 * statement says by what it is known, and how surely; "cannot tell" is one of them. Pure: of the
 * profile and nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "share/known.h"

struct profile;

enum why_topic { WHY_END, WHY_CARD, WHY_PEAK, WHY_PLACE, WHY_GROWTH, WHY_ODD, WHY_TOPICS };

enum { WHY_WORDS = 1024, WHY_EVIDENCE = 512, WHY_MOST = 24, WHY_COMMAND = 512, WHY_RANKS = 7 };

struct why_statement {
	enum why_topic topic;
	const char *kind; /* for programs: "oom", "timeout", "unseen" */
	enum known known;
	int weight; /* 40 and above: said at the end of a recording too, the heavier first */
	char words[WHY_WORDS];
	char evidence[WHY_EVIDENCE];
};

/* Is the recording still being written? The file does not say; its lock does (running.h). */
enum why_writer { WHY_WRITER_UNKNOWN, WHY_WRITER_THERE, WHY_WRITER_GONE };

struct growth;
struct why_clocks;

struct why {
	const struct profile *profile; /* must outlive it */
	const struct growth *places;   /* only while it is asked, as the next */
	const struct why_clocks *clocks;
	enum why_writer writer;
	struct why_statement *statements; /* by topic; each at most once, but for the odd ones, and
					   that of the card, behind which those beside it stand */
	size_t n;
	double peak, allowed; /* MiB; 0: not known */
	/* Of a GPU that had no memory left: "model", "one-batch", …, "survived" where it went on
	 * and ended well, "none" where it would have been told, "cannot-tell"; NULL: no GPU. */
	const char *cause;
	struct why_rank { /* processes that failed beside it */
		pid_t pid;
		const char *device, *cause;
		double later; /* seconds */
	} ranks[WHY_RANKS];
	size_t n_ranks;
	struct why_growth {
		double rate, low, high; /* MiB an hour, and 95 % of it; of what `grows` */
		double reached;         /* hours until what is allowed is reached; 0: not known */
		bool grows;
	} growth;
	char next[WHY_COMMAND]; /* one command, and … */
	const char *purpose;    /* … what it is for: "to see the lines" */
};

/* 0 or -ENOMEM. The profile should be loaded with OUTLOOK_COLUMNS. */
int why_ask(struct why *why, const struct profile *profile, enum why_writer writer);
void why_free(struct why *why);

/* NULL: there is none. */
const struct why_statement *why_about(const struct why *why, enum why_topic topic);

/* ---- as text ---- */

enum { WHY_LINE = 3 * WHY_WORDS };

/* What happened and the peak, in one line. */
void why_headline(char out[WHY_LINE], const struct why *why);

/* The same for the end of a recording, and what grew, what is odd and where more is told: "" where
 * nothing did and nothing is. */
void why_closing(char first[WHY_LINE], char second[WHY_LINE], const struct why *why);

/* One screen, or one object of at most 1.5 KB. */
enum { WHY_LINES = 24, WHY_COLUMNS = 100, WHY_JSON = 1536 };
void why_print_text(FILE *out, const struct why *why);
void why_print_json(FILE *out, const struct why *why);
