/* A recording that a test makes up: a file that is written, and goes on being written. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "tests/check.h"

#define RECORDED_START 1700000000.0
#define RECORDED_HEAD                                                                         \
	"CMDLINE ./serve\nMETA format=1 tool=mprof-c/1 metric=rss interval=0.1 pid=99999999 " \
	"start=1700000000.000000\n"

struct recorded {
	char path[64];
	FILE *file; /* locked, as by a recorder that lives */
};

static inline void recorded_begin(struct recorded *r, const char *head)
{
	strcpy(r->path, "/tmp/mprof-unit-XXXXXX");
	int fd = mkstemp(r->path);
	r->file = fdopen(fd, "w");
	CHECK(r->file != NULL);
	CHECK_INT(flock(fd, LOCK_EX), 0);
	fputs(head, r->file);
	fflush(r->file);
}

/* Samples of so many MiB each, `slope` more from each to the next, 0.1 s apart. */
static inline void recorded_samples(struct recorded *r, double from, int n, double mib,
				    double slope)
{
	for (int i = 0; i < n; i++)
		fprintf(r->file, "MEM %.6f %.6f\n", mib + slope * i,
			RECORDED_START + from + 0.1 * i);
	fflush(r->file);
}

static inline void recorded_text(struct recorded *r, const char *text)
{
	fputs(text, r->file);
	fflush(r->file);
}

static inline void recorded_stop(struct recorded *r)
{
	if (r->file)
		fclose(r->file);
	r->file = NULL;
}

static inline void recorded_end(struct recorded *r)
{
	recorded_stop(r);
	unlink(r->path);
}

/* All of one, read. */
static inline void recorded_load(struct profile *profile, const char *text)
{
	const struct profile_wish wish = { 0 };
	struct recorded r;
	recorded_begin(&r, text);
	recorded_stop(&r);
	CHECK_INT(profile_load(profile, r.path, &wish), 0);
	unlink(r.path);
}
