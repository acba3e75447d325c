#include "share/snapshot/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/growth/origin.h"
#include "share/text.h"

/* ---- sets ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
	return h ^ h >> 29;
}

static uint64_t hash_frame(const struct places *p, size_t i)
{
	const struct places_frame *f = &p->frames[i];
	return mix((uint64_t)f->file << 32 | (uint32_t)f->line, f->function);
}

static uint64_t hash_place(const struct places *p, size_t i)
{
	return mix(p->places[i].frame, p->places[i].deed);
}

static bool same_frame(const struct places *p, size_t a, size_t b)
{
	const struct places_frame *f = &p->frames[a], *g = &p->frames[b];
	return f->file == g->file && f->line == g->line && f->function == g->function;
}

static bool same_place(const struct places *p, size_t a, size_t b)
{
	return p->places[a].frame == p->places[b].frame && p->places[a].deed == p->places[b].deed;
}

struct kind {
	uint64_t (*hash)(const struct places *p, size_t i);
	bool (*same)(const struct places *p, size_t a, size_t b);
};
static const struct kind frames_kind = { hash_frame, same_frame };
static const struct kind places_kind = { hash_place, same_place };

static size_t slot_of(const struct places *p, const struct places_set *set, const struct kind *kind,
		      size_t i)
{
	size_t at = kind->hash(p, i) & (set->n_slots - 1);
	while (set->slots[at] && !kind->same(p, set->slots[at], i))
		at = (at + 1) & (set->n_slots - 1);
	return at;
}

/* Room for those up to `last`, never more than half full. */
static int grow(struct places *p, struct places_set *set, const struct kind *kind, size_t last)
{
	if (2 * last < set->n_slots)
		return 0;
	size_t n = set->n_slots ? set->n_slots * 2 : 256;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	free(set->slots);
	*set = (struct places_set){ slots, n };
	for (size_t i = 1; i < last; i++)
		slots[slot_of(p, set, kind, i)] = (uint32_t)i;
	return 0;
}

/* The last of *n is there already, and goes, or is the newest: its number. */
static long settle(struct places *p, struct places_set *set, const struct kind *kind, size_t *n)
{
	size_t last = *n - 1;
	int r = grow(p, set, kind, last);
	if (r < 0)
		return r;
	size_t at = slot_of(p, set, kind, last);
	if (!set->slots[at])
		set->slots[at] = (uint32_t)last;
	else
		--*n;
	return set->slots[at];
}

/* ---- texts ---- */

int places_open(struct places *p, const char *const words[], size_t n, growth_own own)
{
	*p = (struct places){ .own = own };
	bool whole = places_text(p, "") == 0 &&
		     array_more(&p->frames, &p->n_frames, sizeof *p->frames) &&
		     array_more(&p->places, &p->n_places, sizeof *p->places);
	for (size_t i = 0; whole && i < n; i++)
		whole = places_text(p, words[i]) == (long)i + 1;
	return whole ? 0 : -ENOMEM;
}

void places_close(struct places *p)
{
	names_free(&p->texts);
	free(p->ranks);
	free(p->frames);
	free(p->places);
	free(p->by_frame.slots);
	free(p->by_place.slots);
	*p = (struct places){ 0 };
}

long places_word(struct places *p, const char *text)
{
	long r = names_find(&p->texts, text, p->texts.n);
	return r == -ENOSPC ? 0 : r;
}

long places_text(struct places *p, const char *text)
{
	long r = names_find(&p->texts, text, PLACES_MOST_TEXTS);
	p->full = p->full || r == -ENOSPC;
	return r == -ENOSPC ? 0 : r;
}

/* ---- whose, and what for ---- */

/* A stack may hold native frames: torch names a source of C++, or none. */
static bool is_native(const char *path)
{
	static const char *const endings[] = { ".cpp", ".cc", ".cxx", ".c",  ".h",
					       ".hpp", ".cu", ".cuh", ".so", NULL };
	for (const char *const *one = endings; *one; one++)
		if (text_ends_in(path, *one))
			return true;
	return !*path || strcmp(path, "??") == 0 || strstr(path, ".so.");
}

static enum places_rank find_rank(const struct places *p, const char *path)
{
	for (growth_own own = p->own; own && *own; own++)
		if (origin_is_named(path, *own))
			return PLACES_USERS;
	if (is_native(path))
		return PLACES_NATIVE;
	enum origin origin = origin_of(path);
	return origin == ORIGIN_USERS  ? PLACES_USERS
	       : origin == ORIGIN_MADE ? PLACES_MADE
				       : PLACES_LIBRARYS;
}

static int rank_of(struct places *p, uint32_t text)
{
	while (p->n_ranks <= text)
		if (!array_more(&p->ranks, &p->n_ranks, sizeof *p->ranks))
			return -ENOMEM;
	if (!p->ranks[text])
		p->ranks[text] = (uint8_t)(1 + find_rank(p, p->texts.texts[text]));
	return p->ranks[text] - 1;
}

/* By the folders of torch's package; `function` NULL: any. */
static const struct {
	enum places_deed deed;
	const char *within, *function;
} deeds[] = {
	{ PLACES_OPTIMIZER, "/torch/optim/", NULL },
	{ PLACES_BACKWARD, "/torch/autograd/", "backward" },
	{ PLACES_BACKWARD, "/torch/autograd/", "grad" },
	{ PLACES_BACKWARD, "/torch/autograd/", "_engine_run_backward" },
	{ PLACES_BACKWARD, "/torch/_tensor.py", "backward" },
	{ PLACES_MODULE, "/torch/nn/modules/module.py", "_apply" },
	{ PLACES_MODULE, "/torch/nn/modules/module.py", "convert" },
	{ PLACES_MODULE, "/torch/nn/modules/", "__init__" },
	{ PLACES_FORWARD, "/torch/nn/modules/", "forward" },
	{ PLACES_FORWARD, "/torch/nn/functional.py", NULL },
};

static enum places_deed deed_of(const char *path, const char *function)
{
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (strstr(path, deeds[i].within) &&
		    (!deeds[i].function || strcmp(function, deeds[i].function) == 0))
			return deeds[i].deed;
	return PLACES_ELSE;
}

/* ---- frames and places ---- */

long places_frame(struct places *p, uint32_t file, int32_t line, uint32_t function)
{
	int rank = rank_of(p, file);
	p->full = p->full || p->n_frames == PLACES_MOST_FRAMES;
	if (rank < 0 || p->n_frames == PLACES_MOST_FRAMES)
		return rank < 0 ? rank : 0;
	struct places_frame *f = array_more(&p->frames, &p->n_frames, sizeof *f);
	if (!f)
		return -ENOMEM;
	*f = (struct places_frame){ file, function, line, (uint8_t)rank, PLACES_ELSE };
	if (rank == PLACES_LIBRARYS)
		f->deed = (uint8_t)deed_of(p->texts.texts[file], p->texts.texts[function]);
	return settle(p, &p->by_frame, &frames_kind, &p->n_frames);
}

static long step(struct places *p, uint32_t place, uint32_t frame)
{
	const struct places_frame *f = &p->frames[frame];
	const struct place old = p->places[place];
	bool higher = place == 0 || f->rank > p->frames[old.frame].rank;
	uint8_t deed = old.deed ? old.deed : f->deed;
	if (!higher && deed == old.deed)
		return place;
	p->full = p->full || p->n_places == PLACES_MOST;
	struct place *new = p->n_places < PLACES_MOST
				    ? array_more(&p->places, &p->n_places, sizeof *new)
				    : NULL;
	if (!new)
		return p->n_places == PLACES_MOST ? (long)place : -ENOMEM;
	*new = (struct place){ .frame = old.frame, .deed = deed };
	if (higher)
		new->frame = frame;
	return settle(p, &p->by_place, &places_kind, &p->n_places);
}

/* Stacks of one program are alike. */
long places_outwards(struct places *p, uint32_t place, uint32_t frame)
{
	const size_t at = (place * 0x9e3779b1u ^ frame) % PLACES_STEPS;
	if (places_is_users(p, place))
		return place;
	if (frame > 0 && p->steps[at].place == place && p->steps[at].frame == frame)
		return p->steps[at].to;
	long to = step(p, place, frame);
	if (to >= 0) {
		p->steps[at].place = place;
		p->steps[at].frame = frame;
		p->steps[at].to = (uint32_t)to;
	}
	return to;
}
