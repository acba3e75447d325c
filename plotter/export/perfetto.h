/* A trace for Perfetto under way: packets of TrackEvent, in which everything stands on a track. */
#pragma once

#include "plotter/export/proto.h"
#include "plotter/export/series.h"
#include "plotter/export/stacks.h"

/* A recording in it. */
struct perfetto_part {
	struct export export;
	struct stacks stacks;
	int64_t shift;  /* µs to be added to its moments */
	uint64_t track; /* of the program itself */
	bool apart;     /* pids mean something else in it than in the recordings before it */
};

struct perfetto {
	FILE *out;
	const struct perfetto_part *part; /* the one under way */
	struct proto packet, event, inner;
	uint64_t tracks; /* that there are */
};

/* A track under another, 0: under none, and with what its values are. */
enum perfetto_unit { PERFETTO_NO_COUNTER, PERFETTO_BYTES };
int perfetto_track(struct perfetto *p, uint64_t parent, const char *name, enum perfetto_unit unit,
		   uint64_t *track);
/* A process: `name` or NULL. */
int perfetto_process(struct perfetto *p, pid_t pid, const char *name, uint64_t *track);

/* One event: begun, what it says of itself, and written. Each 0, -ENOMEM or -EIO at its end. */
enum perfetto_type { PERFETTO_BEGIN = 1, PERFETTO_END, PERFETTO_INSTANT, PERFETTO_COUNTER };
void perfetto_event(struct perfetto *p, enum perfetto_type type, uint64_t track);
void perfetto_event_name(struct perfetto *p, const char *name, const char *category);
void perfetto_event_bytes(struct perfetto *p, const char *name, int64_t umib);
void perfetto_event_text(struct perfetto *p, const char *name, const char *text);
int perfetto_event_end(struct perfetto *p, int64_t us);

/* What is known of a recording beside its curves. */
int perfetto_things(struct perfetto *p);
int perfetto_life(struct perfetto *p, const struct profile_child *child, uint64_t process);
