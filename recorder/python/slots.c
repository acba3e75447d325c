#include "recorder/python/slots.h"

#include <stdlib.h>
#include <string.h>

enum {
	ENOUGH_SAMPLES = 16, /* of a site */
	LEAST_VOTES = 3,     /* sites that must agree before a word is believed … */
	LEAST_PROOFS = 8,    /* … or that often it was right, and no other … */
	LEAST_FITTED = 4,    /* … or samples in which no other word would do */
};

#if defined(__aarch64__)
static const uint8_t preserved[] = { 19, 20, 21, 22, 23, 24, 25, 26, 27, 28 };
#else
static const uint8_t preserved[] = { 3, 6, 12, 13, 14, 15 };
#endif
enum { REGISTERS = sizeof preserved };

void slots_read(const struct fault *fault, const struct unwound *at, struct slots_words *words)
{
	*words = (struct slots_words){ .n = REGISTERS };
	for (size_t i = 0; i < REGISTERS; i++)
		if (at->known >> preserved[i] & 1)
			words->all[i] = at->registers[preserved[i]];
	uint64_t own = (at->base - at->registers[FAULT_SP]) / 8;
	for (uint64_t i = 1; i <= own && words->n < SLOTS_WORDS; i++)
		unwind_word(fault, at->base - i * 8, &words->all[words->n++]);
}

bool slots_have(const struct slots_words *words, uint64_t word)
{
	for (size_t i = 0; i < words->n; i++)
		if (words->all[i] == word)
			return true;
	return false;
}

void slots_leave_out_others(struct slots_words *words, const uint64_t frames[SLOTS_WORDS])
{
	bool any = false, held[SLOTS_WORDS] = { false };
	for (size_t w = 0; w < words->n; w++) {
		held[w] = frames[w] && slots_have(words, frames[w]);
		any |= held[w];
	}
	for (size_t w = 0; w < words->n && any; w++)
		if (frames[w] && !held[w])
			words->all[w] = 0;
}

/* ---- sites ---- */

static struct slots_site *site_of(const struct slots *slots, uint64_t place)
{
	enum { TRIES = 8 };
	size_t first = (place * 0x9e3779b97f4a7c15) >> 56;
	for (size_t i = 0; slots->sites && i < TRIES; i++) {
		struct slots_site *site = &slots->sites[(first + i) % SLOTS_SITES];
		if (site->place == place || site->place == 0)
			return site;
	}
	return NULL;
}

/* Where all are taken there is nothing to learn. */
bool slots_is_learned(const struct slots *slots, uint64_t place)
{
	const struct slots_site *site = site_of(slots, place);
	return slots->sites && (!site || (site->place && site->n[SLOT_FRAME] >= ENOUGH_SAMPLES));
}

static bool mostly(const struct slots_site *site, enum slot_kind kind, size_t word)
{
	return site->n[kind] > 0 && site->fit[kind][word] * 4 >= site->n[kind] * 3;
}

static void count(struct slots *slots)
{
	memset(slots->votes, 0, sizeof slots->votes);
	for (size_t s = 0; s < SLOTS_SITES; s++)
		for (size_t w = 0; slots->sites[s].place && w < SLOTS_WORDS; w++)
			for (size_t kind = 0; kind < SLOT_KINDS; kind++)
				slots->votes[kind][w] +=
					mostly(&slots->sites[s], (enum slot_kind)kind, w);
	slots->next_count = slots->samples + slots->samples / 8 + 1;
}

void slots_learn(struct slots *slots, uint64_t place, enum slot_kind kind,
		 const uint8_t fits[SLOTS_WORDS])
{
	if (!slots->sites)
		slots->sites = calloc(SLOTS_SITES, sizeof *slots->sites);
	struct slots_site *site = site_of(slots, place);
	if (!site || site->n[kind] == UINT8_MAX)
		return;
	site->place = place;
	site->n[kind]++;
	for (size_t w = 0; w < SLOTS_WORDS; w++) {
		site->fit[kind][w] = (uint8_t)(site->fit[kind][w] + fits[w]);
		slots->fitted[kind][w] += fits[w];
	}
	if (++slots->samples >= slots->next_count)
		count(slots);
}

/* ---- the same at many places ---- */

static struct slots_word *word_of(struct slots *slots, int word)
{
	if (!slots->words)
		slots->words = calloc(SLOTS_WORDS, sizeof *slots->words);
	return slots->words ? &slots->words[word] : NULL;
}

void slots_see(struct slots *slots, uint64_t place, int word, uint64_t value)
{
	struct slots_word *seen = word_of(slots, word);
	if (!seen)
		return;
	struct slots_value *met = &seen->met[(value * 0x9e3779b97f4a7c15) >> 58];
	if (met->value != value)
		*met = (struct slots_value){ .value = value };
	for (unsigned i = 0; i < met->n; i++)
		if (met->places[i] == place)
			return;
	if (met->n == sizeof met->places / sizeof *met->places)
		return;
	seen->crowd += met->n > 0;
	met->places[met->n++] = place;
}

void slots_hold(struct slots *slots, int word, bool idle)
{
	struct slots_word *held = word_of(slots, word);
	if (!held)
		return;
	held->held++;
	held->idle += idle;
}

void slots_prove(struct slots *slots, uint64_t place, int word)
{
	struct slots_site *site = site_of(slots, place);
	if (slots->words)
		slots->words[word].proofs++;
	if (site && site->place && site->right[word] < UINT8_MAX)
		site->right[word]++;
}

static unsigned crowd_of(const struct slots *slots, size_t word)
{
	return slots->words ? slots->words[word].crowd : 0;
}

static bool is_crowded(const struct slots *slots, size_t word, size_t beside)
{
	return crowd_of(slots, word) > 2 * crowd_of(slots, beside) + 1;
}

/* Does it serve at few places, where another serves at so many times more? Then it may be left
 * over, and right by chance: a line that takes long is seen often, whatever was told. */
static bool is_rare(const struct slots *slots, size_t word, size_t beside, unsigned times)
{
	const unsigned *votes = slots->votes[SLOT_NEXT];
	return votes[beside] >= LEAST_VOTES && votes[word] * times <= votes[beside];
}

/* By what was seen there, or where that is too little, anywhere: compilers may keep it in other
 * words at other places. */
static bool is_unproved(const struct slots *slots, const struct slots_site *site, size_t word,
			size_t beside)
{
	if (!slots->words || is_rare(slots, beside, word, 2))
		return false;
	bool rare = is_rare(slots, word, beside, 4);
	if (site && !rare && site->right[word] + site->right[beside] >= LEAST_PROOFS)
		return 2 * site->right[word] + 2 < site->right[beside];
	return 2 * slots->words[word].proofs + 2 < slots->words[beside].proofs;
}

/* What one of two words has against it that the other has not. */
static bool is_worse(const struct slots *slots, const struct slots_site *site, size_t word,
		     size_t beside)
{
	bool this = is_unproved(slots, site, word, beside);
	if (this || is_unproved(slots, site, beside, word))
		return this;
	return is_crowded(slots, word, beside);
}

/* ---- the choice ---- */

static bool is_better(const struct slots *slots, const struct slots_site *site, enum slot_kind kind,
		      size_t word, int best)
{
	const unsigned *votes = slots->votes[kind], *fitted = slots->fitted[kind];
	if (best == SLOTS_NONE)
		return true;
	if (kind == SLOT_NEXT && is_worse(slots, site, word, (size_t)best))
		return false;
	if (kind == SLOT_NEXT && is_worse(slots, site, (size_t)best, word))
		return true;
	return votes[word] != votes[best] ? votes[word] > votes[best] : fitted[word] > fitted[best];
}

/* Is what it holds often left over from before? */
static bool is_idle(const struct slots *slots, size_t word)
{
	return slots->words && slots->words[word].idle * 4 > slots->words[word].held;
}

static bool may_serve(const struct slots *slots, const struct slots_site *site, enum slot_kind kind,
		      size_t word)
{
	bool met = site && site->place && site->n[kind] >= 4;
	if (kind == SLOT_NEXT && is_idle(slots, word))
		return false;
	return slots->votes[kind][word] > 0 && (!met || mostly(site, kind, word));
}

/* Of those that serve anywhere, is it the only one of weight? Of frames one is like another: that
 * each has the code which runs was seen. */
static bool is_alone(const struct slots *slots, enum slot_kind kind, int word)
{
	for (int w = 0; w < SLOTS_WORDS && kind == SLOT_NEXT; w++)
		if (w != word && !is_idle(slots, (size_t)w) &&
		    slots->fitted[kind][w] * 2 > slots->fitted[kind][word])
			return false;
	return slots->fitted[kind][word] >= LEAST_FITTED;
}

/* Was it right so often that no other can be it? */
static bool is_proved(const struct slots *slots, const struct slots_site *site, enum slot_kind kind,
		      int word)
{
	if (kind != SLOT_NEXT || !slots->words || slots->words[word].proofs < LEAST_PROOFS)
		return false;
	for (int w = 0; w < SLOTS_WORDS; w++)
		if (w != word && may_serve(slots, site, kind, (size_t)w) &&
		    !is_unproved(slots, site, (size_t)w, (size_t)word))
			return false;
	return true;
}

/* The word that serves at most places, of those that serve at this one. */
int slots_choose(const struct slots *slots, uint64_t place, enum slot_kind kind,
		 const uint8_t fits[SLOTS_WORDS])
{
	const struct slots_site *site = site_of(slots, place);
	int best = SLOTS_NONE;
	for (size_t w = 0; w < SLOTS_WORDS; w++)
		if ((!fits || fits[w]) && may_serve(slots, site, kind, w) &&
		    is_better(slots, site, kind, w, best))
			best = (int)w;
	if (best >= 0 && slots->votes[kind][best] < LEAST_VOTES && !is_alone(slots, kind, best) &&
	    !is_proved(slots, site, kind, best))
		return SLOTS_NONE;
	return best;
}

/* Another was right so often, and this one so seldom, that it is left over from something else. */
static bool is_disproved(const struct slots *slots, const struct slots_site *site, size_t word)
{
	for (size_t w = 0; w < SLOTS_WORDS && slots->words; w++)
		if (slots->words[w].proofs >= LEAST_PROOFS &&
		    may_serve(slots, site, SLOT_NEXT, w) && is_unproved(slots, site, word, w))
			return true;
	return false;
}

bool slots_is_candidate(const struct slots *slots, uint64_t place, int word)
{
	const struct slots_site *site = site_of(slots, place);
	return may_serve(slots, site, SLOT_NEXT, (size_t)word) &&
	       !is_disproved(slots, site, (size_t)word);
}

unsigned slots_proofs(const struct slots *slots, uint64_t place, int word)
{
	const struct slots_site *site = site_of(slots, place);
	unsigned there = site && site->place ? site->right[word] : 0;
	return there + (slots->words ? slots->words[word].proofs : 0);
}

bool slots_is_rival(const struct slots *slots, uint64_t place, int chosen, int word)
{
	return word != chosen && slots_is_candidate(slots, place, word) &&
	       !is_worse(slots, site_of(slots, place), (size_t)word, (size_t)chosen);
}

void slots_forget(struct slots *slots)
{
	free(slots->words);
	free(slots->sites);
	*slots = (struct slots){ 0 };
}
