/* Where each of many recordings stands on the one axis. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet;
struct fleet_member;

enum lay_by {
	LAY_CLOCK, /* as it was, from the start of the first on */
	LAY_START, /* each from its own */
	LAY_MARK,  /* so that the marks that were asked for meet */
};

struct lay {
	enum lay_by by;
	int64_t *zeros;       /* µs: of each member's own time, what stands at 0 of the axis */
	bool *shown;          /* those without a sample, or without the mark, are not */
	size_t n, out, empty; /* of them; those that lack the mark; those without a sample */
	double end;           /* seconds: the last sample */
	double meets;         /* seconds: of the marks; LAY_MARK */
	int64_t from_us;      /* the first sample of all, by its own clock */
};

/* Recordings of one job run at one time: LAY_CLOCK. What is no job's, each from its own start. */
enum lay_by lay_usual(const struct fleet *fleet);

/* 0 or -ENOMEM. */
int lay_make(struct lay *lay, const struct fleet *fleet, enum lay_by by);
void lay_free(struct lay *lay);

/* Seconds on the axis, of a moment of that member. */
double lay_x(const struct lay *lay, size_t member, int64_t us);

/* Is the second one the same rank of the same job, started again when the first had ended? */
bool lay_is_again(const struct fleet_member *before, const struct fleet_member *member);
