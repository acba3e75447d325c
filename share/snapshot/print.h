/* A snapshot of torch, told to people and to programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/snapshot/rows.h"
#include "share/snapshot/snapshot.h"

struct snapshot_wish {
	enum rows_by by;
	size_t top; /* rows of a table */
};

/* To standard output. 0 or -ENOMEM. */
int snapshot_print_text(const struct snapshot *snapshot, const char *path,
			const struct snapshot_wish *wish);
int snapshot_print_json(const struct snapshot *snapshot, const char *path,
			const struct snapshot_wish *wish);

/* Why it could not be read, of what snapshot_read returned; the exit status. */
int snapshot_say(const struct snapshot *snapshot, const char *path, int error);

/* ---- what both have in common ---- */

/* Of what was under way: "the backward"; as a member of the JSON, "backward". */
const char *snapshot_deed(enum places_deed deed);
const char *snapshot_deed_key(enum places_deed deed);

/* At the last OOM, was more unused than was wanted, but nowhere as much in one piece? */
bool snapshot_was_in_pieces(const struct device *device);

/* What is not in it, and how to have it: sentences, which NULL ends. */
enum { SNAPSHOT_NOTES = 8 };
void snapshot_notes(const struct snapshot *snapshot, const char *notes[SNAPSHOT_NOTES]);
