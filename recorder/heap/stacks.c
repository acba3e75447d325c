#include "recorder/heap/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/native/wire.h"
#include "recorder/where/stitch.h"

enum { FIRST_SLOTS = 1024 };

/* ---- those that were told ---- */

static uint64_t hash_of(const struct stack_of *stack)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 0; i < stack->n; i++)
		hash = (hash ^ stack->places[i]) * 0x9e3779b97f4a7c15, hash ^= hash >> 29;
	return hash ? hash : 1;
}

static struct stacks_slot *slot_of(struct stacks_slot *slots, size_t n, uint64_t hash)
{
	for (size_t at = hash;; at++) {
		struct stacks_slot *slot = &slots[at & (n - 1)];
		if (slot->hash == 0 || slot->hash == hash)
			return slot;
	}
}

static bool make_slots(struct stacks *s)
{
	size_t n = s->n_slots ? s->n_slots * 2 : FIRST_SLOTS;
	struct stacks_slot *slots = calloc(n, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slots[i].hash)
			*slot_of(slots, n, s->slots[i].hash) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
	return true;
}

static void remember(struct stacks *s, uint64_t hash, uint64_t frame)
{
	if (s->n * 2 >= s->n_slots && !make_slots(s))
		return;
	*slot_of(s->slots, s->n_slots, hash) = (struct stacks_slot){ hash, frame };
	s->n++;
}

/* ---- names ---- */

struct names_of { /* a run of native places, innermost first */
	struct native_frame frames[NATIVE_FRAMES];
	size_t n;
};

static void add_names(struct names_of *names, const struct places *p, const struct spot *place)
{
	for (size_t i = 0; i < place->n && names->n < NATIVE_FRAMES; i++) {
		const struct place_name *name = &p->names[place->first + i];
		names->frames[names->n++] =
			(struct native_frame){ places_text(p, name->path),
					       places_text(p, name->function), name->line };
	}
}

static bool starts(const char *function)
{
	static const char *const words[] = { "_start", "start_thread", "clone",
					     "clone3", "__clone",      "__clone3" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(function, words[i]) == 0)
			return true;
	return strncmp(function, "__libc_start_", 13) == 0;
}

/* Outward of main is only what starts programs, and threads have that, too. */
static void cut_start(struct names_of *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->frames[i].function, "main") == 0)
			names->n = i + 1;
	while (names->n > 1 && starts(names->frames[names->n - 1].function))
		names->n--;
}

/* ---- telling ---- */

struct telling {
	struct told *told;
	struct profile_writer *writer;
	const struct places *places;
	const struct stack_of *stack;
	bool python; /* a line of Python was told */
	uint64_t frame;
};

static const struct spot *place_at(const struct telling *t, size_t i)
{
	uint32_t number = t->stack->places[i];
	return number == PLACES_NONE ? NULL : &t->places->items[number];
}

static bool is_python(const struct spot *place)
{
	return place && place->state == PLACE_PYTHON;
}

/* What lies outward of Python starts it. */
static size_t outermost(const struct telling *t)
{
	for (size_t i = t->stack->n; i-- > 0;)
		if (is_python(place_at(t, i)))
			return i + 1;
	return t->stack->n;
}

static void tell_python(struct telling *t, const struct spot *place)
{
	const struct place_name *name = &t->places->names[place->first];
	t->python = true;
	t->frame = told_frame(t->told, t->writer, t->frame, places_text(t->places, name->path),
			      name->line, places_text(t->places, name->function));
}

/* Those from `inner` on, and before `outer`. */
static void tell_native(struct telling *t, size_t inner, size_t outer)
{
	static struct names_of names;
	names.n = 0;
	for (size_t i = inner; i < outer; i++)
		if (place_at(t, i))
			add_names(&names, t->places, place_at(t, i));
	if (!t->python)
		cut_start(&names);
	const struct native_answer answer = { 0, names.frames, names.n, t->python };
	t->frame = stitch(t->told, t->writer, t->frame, &answer);
}

static uint64_t tell(struct telling *t)
{
	for (size_t i = outermost(t); i > 0;) {
		if (is_python(place_at(t, i - 1))) {
			tell_python(t, place_at(t, --i));
			continue;
		}
		size_t outer = i;
		while (i > 0 && !is_python(place_at(t, i - 1)))
			i--;
		tell_native(t, i, outer);
	}
	return t->frame;
}

static bool all_known(struct places *p, struct namer *namer, const struct stack_of *stack)
{
	bool known = true;
	for (size_t i = 0; i < stack->n; i++)
		if (stack->places[i] != PLACES_NONE)
			known &= namer_knows(namer, p, stack->places[i]);
	return known;
}

bool stacks_find(struct stacks *s, struct places *p, struct namer *namer, struct told *told,
		 struct profile_writer *w, const struct stack_of *stack, uint64_t *frame)
{
	uint64_t hash = hash_of(stack);
	told_make_room(told);
	if (s->round != told->round) {
		stacks_free(s);
		s->round = told->round;
	}
	const struct stacks_slot *slot = s->n_slots ? slot_of(s->slots, s->n_slots, hash) : NULL;
	if (slot && slot->hash) {
		*frame = slot->frame;
		return true;
	}
	if (!all_known(p, namer, stack))
		return false;
	*frame = tell(&(struct telling){ told, w, p, stack, false, 0 });
	remember(s, hash, *frame);
	return true;
}

void stacks_free(struct stacks *s)
{
	free(s->slots);
	*s = (struct stacks){ 0 };
}
