/* What the parts of why share: making statements. */
#pragma once

#include "share/why/why.h"

/* Texts that grow: appends, and cuts what does not fit. */
__attribute__((format(printf, 3, 4))) void why_add(char *out, size_t size, const char *format, ...);

#define WHY_SAY(statement, ...) why_add((statement)->words, WHY_WORDS, __VA_ARGS__)
#define WHY_BY(statement, ...)  why_add((statement)->evidence, WHY_EVIDENCE, __VA_ARGS__)

/* The statement is the last of `why` by then; NULL: there is no room. */
struct why_statement *why_state(struct why *why, enum why_topic topic, const char *kind,
				enum known known);

/* The parts, in this order; each states what it finds. */
void why_find_end(struct why *why);
int why_find_card(struct why *why); /* 0 or -ENOMEM, as the next two */
void why_find_peak(struct why *why);
int why_find_place(struct why *why);
int why_find_growth(struct why *why);
void why_find_odd(struct why *why);
void why_find_next(struct why *why);
