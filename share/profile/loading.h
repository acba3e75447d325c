/* What the files of the loader share: one a noun, which takes the records of its kinds. */
#pragma once

#include <stdlib.h>

#include "share/names.h"
#include "share/profile/grown.h"
#include "share/profile/profile.h"

/* A profile under way, as far as it has been told, and what is needed only meanwhile. */
struct loading {
	struct profile profile; /* not settled yet */
	struct profile_wish wish;
	bool started;     /* the run has a sample */
	int64_t from, to; /* the window, µs; known once the run has started */
	struct {
		struct sample before; /* the last sample left of the window, if has_before */
		bool has_before, has_after;
	} memory;
	struct {
		struct names pids; /* decimal pid → index into `of` */
		size_t *of;        /* the child that a pid means now */
		size_t columns;    /* of each */
		struct sample sum; /* of the last MEM and the CHLDs since */
	} children;
	struct names functions; /* name → index into profile.functions */
	struct {
		struct names names; /* process, function and file → index into profile.listings */
		size_t n_lines;     /* of all */
	} listings;
	struct grown growth;
};

struct taking {
	enum profile_kind kind;
	int (*take)(struct loading *l, const struct profile_record *record); /* 0 or -errno */
};

/* What a profile holds of one noun. NULL where there is nothing to do. */
struct part {
	struct taking takes[5]; /* until an empty one */
	bool beside;            /* not wanted by who wants only curves */
	/* An earlier run ends: forgets it, in the profile and besides. */
	void (*begin)(struct loading *l);
	/* Gives `to` its own of everything, which has nothing of it yet. 0 or -ENOMEM, upon which
	 * `drop` frees what there is. */
	int (*copy)(struct profile *to, const struct profile *from);
	/* Makes what was told what it is to be: in order, and of the window alone. `p` is what is
	 * handed out, `l` goes on. */
	void (*settle)(const struct loading *l, struct profile *p);
	void (*drop)(struct profile *p);
	void (*forget)(struct loading *l); /* what is needed only while loading */
};

extern const struct part part_series, part_values, part_children, part_calls, part_lines,
	part_growth, part_marks, part_settings;

static inline bool has_window(const struct loading *l)
{
	return l->wish.from != l->wish.to;
}

static inline bool is_inside(const struct loading *l, int64_t us)
{
	return !has_window(l) || (us >= l->from && us <= l->to);
}

/* May a figure of this moment be shown? Before the first sample nobody knows. */
static inline bool is_wanted(const struct loading *l, int64_t us)
{
	return !l->started || is_inside(l, us);
}

/* Samples in order of the file. 0 or -ENOMEM. */
int series_add(struct profile_series *series, const struct sample *samples, size_t n);
/* One figure beside the first series, where the window shows it. 0 or -ENOMEM. */
int series_add_beside(const struct loading *l, struct profile_series *series, struct sample at);
int series_copy(struct profile_series *to, const struct profile_series *from);
/* A batch of MEM. 0 or -ENOMEM. */
int series_take(struct loading *l, const struct sample *samples, size_t n);

/* As many bytes of its own; NULL: none, or no memory. */
void *copy_of(const void *items, size_t n, size_t size);
