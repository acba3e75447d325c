#include "recorder/python/anchors.h"

#include <string.h>

#include "recorder/python/remote.h"

enum { MOST_STEPS = 512, PIECES = 64 };

/* One search; what it works with. */
struct search {
	struct loops *loops;
	const struct runtime *runtime;
	struct codes *codes;
	const struct fault *fault;
	const struct stack *seen;
};

/* ---- up the stack ---- */

static size_t find_loops(const struct search *s, struct unwound *found, bool *whole)
{
	struct unwound at;
	size_t n = 0;
	s->loops->unwinder.images.pid = s->runtime->pid;
	*whole = false;
	if (!unwind_begin(s->fault, &at))
		return 0;
	for (int steps = 0; steps < MOST_STEPS; steps++) {
		unwind_look(&s->loops->unwinder, &at);
		if (at.evaluates && n < ANCHORS_MOST)
			found[n++] = at;
		if (!unwind_up(&s->loops->unwinder, s->fault, &at)) {
			*whole = n < ANCHORS_MOST && at.registers[FAULT_PC] == 0;
			break;
		}
	}
	return n;
}

/* ---- what the words of a loop hold ---- */

static const struct bytecode *bytecode_at(const struct search *s, uint64_t word)
{
	const struct bytecode *found = word ? bytecodes_find(&s->loops->bytecodes, word) : NULL;
	return found && (word - found->low) % 2 == 0 ? found : NULL;
}

static bool may_be_frame(uint64_t word)
{
	return word % 8 == 0 && word >= 0x10000 && word < (uint64_t)1 << 56;
}

/* The code objects of whatever the words point to, as if those were frames. */
static void read_codes(const struct search *s, const struct slots_words *words,
		       uint64_t codes[SLOTS_WORDS])
{
	uint64_t at[SLOTS_WORDS] = { 0 }, got[SLOTS_WORDS];
	size_t which[SLOTS_WORDS], n = 0;
	const struct offsets *o = &s->runtime->offsets;
	memset(codes, 0, SLOTS_WORDS * sizeof *codes);
	for (size_t i = 0; i < words->n; i++)
		if (may_be_frame(words->all[i])) {
			at[n] = words->all[i] + (unsigned)o->frame_code;
			which[n++] = i;
		}
	remote_gather(s->runtime->pid, at, n, sizeof *got, got);
	for (size_t i = 0; i < n; i++) {
		uint64_t code = o->version >= 0x030e ? got[i] & ~(uint64_t)3 : got[i];
		codes[which[i]] = may_be_frame(code) ? code : 0;
	}
}

/* Frames that were met by the way bring code that was never seen running. */
static void note_codes(const struct search *s, const uint64_t codes[SLOTS_WORDS])
{
	uint64_t some[PIECES];
	size_t n = 0;
	for (size_t i = 0; i < SLOTS_WORDS; i++) {
		if (codes[i])
			some[n++] = codes[i];
		if (n == PIECES || (n && i == SLOTS_WORDS - 1)) {
			bytecodes_add(&s->loops->bytecodes, s->runtime, s->codes, some, n);
			n = 0;
		}
	}
}

/* What the calling loop holds as well is of the caller: registers that were saved for it. */
static bool find_next(const struct search *s, const struct slots_words *words,
		      const struct slots_words *callers, uint8_t fits[SLOTS_WORDS])
{
	bool any = false;
	for (size_t i = 0; i < SLOTS_WORDS; i++) {
		fits[i] = i < words->n && bytecode_at(s, words->all[i]) &&
			  !slots_have(callers, words->all[i]);
		any |= fits[i];
	}
	return any;
}

static void find_frames(const uint64_t codes[SLOTS_WORDS], uint64_t code, uint8_t fits[SLOTS_WORDS])
{
	for (size_t i = 0; i < SLOTS_WORDS; i++)
		fits[i] = codes[i] == code;
}

static uint64_t next_of(const struct search *s, const struct unwound *loop,
			const struct slots_words *words)
{
	int word = slots_choose(&s->loops->slots, loop->place, SLOT_NEXT, NULL);
	return word >= 0 ? words->all[word] : 0;
}

static const struct bytecode *find_bytecode(const struct search *s, uint64_t next,
					    const struct slots_words *words)
{
	const struct bytecode *found = bytecode_at(s, next);
	uint64_t codes[SLOTS_WORDS];
	if (found || next < 0x10000 || next % 2)
		return found;
	if (bytecodes_search(&s->loops->bytecodes, s->runtime, s->codes, next))
		return bytecode_at(s, next);
	read_codes(s, words, codes);
	note_codes(s, codes);
	return bytecode_at(s, next);
}

/* ---- where a loop stands ---- */

static const struct code *find_code(const struct search *s, const struct bytecode *bytecode)
{
	for (size_t i = 0; i < s->seen->n; i++) {
		const struct code *code = s->seen->places[i].code;
		if (code->at == bytecode->code &&
		    memcmp(code->keys, bytecode->keys, sizeof code->keys) == 0)
			return code;
	}
	return bytecodes_code(s->runtime, s->codes, bytecode);
}

/* Where that pointer to the next instruction stands. */
static struct anchor place_of(const struct search *s, uint64_t next)
{
	struct anchor anchor = { 0 };
	const struct bytecode *bytecode = bytecode_at(s, next);
	anchor.code = bytecode ? find_code(s, bytecode) : NULL;
	/* It stands behind the instruction that runs. */
	if (anchor.code)
		anchor.line =
			code_line(anchor.code, s->runtime, (int64_t)(next - bytecode->low) - 2);
	return anchor;
}

/* How far out on the stack of a moment later that place is, or SIZE_MAX. Of what ran innermost that
 * says nothing but where it still does, for what it calls is over soon. */
static size_t seen_at(const struct search *s, const struct anchor *anchor, bool outer)
{
	size_t n = outer ? s->seen->n : s->seen->n > 0;
	for (size_t i = 0; i < n && anchor->code; i++)
		if (s->seen->places[i].code == anchor->code &&
		    s->seen->places[i].line == anchor->line)
			return i;
	return SIZE_MAX;
}

/* Whatever fits is seen, so that what is left over shows itself: it stands for a call that is over,
 * or for one further out. */
static void see(const struct search *s, const struct unwound *loop, const struct slots_words *words,
		bool outer)
{
	struct slots *slots = &s->loops->slots;
	size_t at[SLOTS_WORDS], innermost = SIZE_MAX;
	for (size_t w = 0; w < words->n && !loop->innermost; w++) {
		at[w] = SIZE_MAX;
		if (slots->votes[SLOT_NEXT][w] == 0 || !bytecode_at(s, words->all[w]))
			continue;
		const struct anchor anchor = place_of(s, words->all[w]);
		slots_see(slots, loop->place, (int)w, words->all[w]);
		at[w] = seen_at(s, &anchor, outer);
		innermost = at[w] < innermost ? at[w] : innermost;
	}
	for (size_t w = 0; w < words->n && innermost < SIZE_MAX && !s->seen->rests; w++)
		if (at[w] == innermost)
			slots_prove(slots, loop->place, (int)w);
}

static bool is_same(const struct anchor *a, const struct anchor *b)
{
	return a->code == b->code && a->line == b->line;
}

/* Is there another word that may be it, and says something else? */
static bool is_doubtful(const struct search *s, const struct unwound *loop,
			const struct slots_words *words, int chosen)
{
	const struct anchor is = place_of(s, words->all[chosen]);
	for (size_t w = 0; w < words->n; w++) {
		if (words->all[w] == words->all[chosen] || !bytecode_at(s, words->all[w]) ||
		    !slots_is_rival(&s->loops->slots, loop->place, chosen, (int)w))
			continue;
		const struct anchor other = place_of(s, words->all[w]);
		if (other.code && !is_same(&other, &is))
			return true;
	}
	return false;
}

/* Where no word is known to be it, but all that may be say the same, at least two of them: one of
 * them, or SLOTS_NONE. */
static int agreed(const struct search *s, const struct unwound *loop,
		  const struct slots_words *words)
{
	struct anchor all = { 0 };
	int n = 0, agrees = SLOTS_NONE;
	for (size_t w = 0; w < words->n; w++) {
		if (!slots_is_candidate(&s->loops->slots, loop->place, (int)w) ||
		    !bytecode_at(s, words->all[w]))
			continue;
		const struct anchor other = place_of(s, words->all[w]);
		if (!other.code || (n++ > 0 && !is_same(&other, &all)))
			return SLOTS_NONE;
		all = other;
		agrees = (int)w;
	}
	return n > 1 ? agrees : SLOTS_NONE;
}

/* Instructions that call nobody, and what stands between two of them; of versions in which the
 * pointer stands right behind the one that runs. Include/opcode.h: LOAD_FAST, LOAD_CONST; CACHE. */
static bool calls_nobody(int version, uint8_t instruction)
{
	enum { LOAD_FAST = 124, LOAD_CONST = 100, CACHE = 0 };
	return instruction == LOAD_FAST || instruction == LOAD_CONST ||
	       (instruction == CACHE && version == 0x030c);
}

/* Where the loop has called somebody, it does not stand behind such a one: what does is left over.
 */
static bool is_idle(const struct search *s, const struct unwound *loop, int word, uint64_t next)
{
	int version = s->runtime->offsets.version;
	uint8_t instruction;
	if (loop->innermost || version == 0x030b || version > 0x030c ||
	    !remote_read(s->runtime->pid, next - 2, &instruction, 1))
		return false;
	bool idle = calls_nobody(version, instruction);
	slots_hold(&s->loops->slots, word, idle);
	return idle;
}

/* But for what is left over. */
static void read_words(const struct search *s, const struct unwound *loop,
		       struct slots_words *words)
{
	uint64_t frames[SLOTS_WORDS] = { 0 };
	slots_read(s->fault, loop, words);
	for (size_t w = 0; w < words->n; w++) {
		const struct bytecode *found = bytecode_at(s, words->all[w]);
		if (found && is_idle(s, loop, (int)w, words->all[w]))
			words->all[w] = 0;
		else if (found)
			frames[w] = found->frame;
	}
	slots_leave_out_others(words, frames);
}

static void learn(const struct search *s, const struct unwound *loop,
		  const struct slots_words *words, const struct slots_words *callers)
{
	uint8_t fits[SLOTS_WORDS];
	uint64_t codes[SLOTS_WORDS];
	struct slots *slots = &s->loops->slots;
	if (loop->innermost || slots_is_learned(slots, loop->place))
		return;
	read_codes(s, words, codes);
	note_codes(s, codes);
	find_bytecode(s, next_of(s, loop, words), words);
	if (!find_next(s, words, callers, fits)) /* that tells of code that is not known, only */
		return;
	slots_learn(slots, loop->place, SLOT_NEXT, fits);
	int next = slots_choose(slots, loop->place, SLOT_NEXT, fits);
	if (next < 0)
		next = agreed(s, loop, words);
	const struct bytecode *bytecode = next >= 0 ? bytecode_at(s, words->all[next]) : NULL;
	if (!bytecode)
		return;
	find_frames(codes, bytecode->code, fits);
	slots_learn(slots, loop->place, SLOT_FRAME, fits);
}

/* What speaks for a place: it was right before, several words say it, and it runs a moment later.
 * One that is seen further out by then is left over from the call that runs: nothing does. */
static unsigned evidence_of(const struct search *s, const struct unwound *loop,
			    const struct slots_words *words, const struct anchor *anchor)
{
	size_t at = seen_at(s, anchor, true);
	if (at > 0 && at < SIZE_MAX)
		return 0;
	unsigned evidence = at == 0;
	for (size_t w = 0; w < words->n; w++) {
		if (!slots_is_candidate(&s->loops->slots, loop->place, (int)w) ||
		    !bytecode_at(s, words->all[w]))
			continue;
		const struct anchor other = place_of(s, words->all[w]);
		if (is_same(&other, anchor))
			evidence += 1 + slots_proofs(&s->loops->slots, loop->place, (int)w);
	}
	return evidence;
}

/* The one of those that may be it which most speaks for; nothing where two are as good. */
static struct anchor guess(const struct search *s, const struct unwound *loop,
			   const struct slots_words *words)
{
	struct anchor best = { 0 };
	unsigned most = 0;
	for (size_t w = 0; w < words->n; w++) {
		if (!slots_is_candidate(&s->loops->slots, loop->place, (int)w) ||
		    !bytecode_at(s, words->all[w]))
			continue;
		struct anchor anchor = place_of(s, words->all[w]);
		unsigned evidence = anchor.code ? evidence_of(s, loop, words, &anchor) : 0;
		if (evidence > most)
			best = anchor;
		else if (evidence == most && !is_same(&best, &anchor))
			best.code = NULL;
		most = evidence > most ? evidence : most;
	}
	best.guessed = true;
	return best;
}

/* Where it is not known which word points to the frame, it is the only one that has that code. */
static uint64_t frame_of(const struct search *s, const struct unwound *loop,
			 const struct slots_words *words, uint64_t code)
{
	int word = slots_choose(&s->loops->slots, loop->place, SLOT_FRAME, NULL);
	uint64_t codes[SLOTS_WORDS], found = 0;
	if (word >= 0)
		return may_be_frame(words->all[word]) ? words->all[word] : 0;
	read_codes(s, words, codes);
	for (size_t i = 0; i < words->n; i++) {
		if (codes[i] != code || words->all[i] == found)
			continue;
		if (found)
			return 0;
		found = words->all[i];
	}
	return found;
}

static struct anchor anchor_of(const struct search *s, const struct unwound *loop,
			       const struct slots_words *words)
{
	const struct slots *slots = &s->loops->slots;
	int chosen = slots_choose(slots, loop->place, SLOT_NEXT, NULL);
	bool is_chosen = chosen >= 0;
	struct anchor anchor = { 0 };
	if (is_chosen)
		find_bytecode(s, words->all[chosen], words);
	else
		chosen = agreed(s, loop, words);
	if (chosen >= 0)
		anchor = place_of(s, words->all[chosen]);
	if (is_chosen && anchor.code && is_doubtful(s, loop, words, chosen))
		anchor.code = NULL;
	else if (chosen < 0)
		anchor = guess(s, loop, words);
	if (anchor.code)
		anchor.frame = frame_of(s, loop, words, anchor.code->at);
	return anchor;
}

void anchors_find(struct loops *loops, const struct runtime *runtime, struct codes *codes,
		  const struct fault *fault, const struct stack *seen, struct anchors *anchors)
{
	struct search s = { loops, runtime, codes, fault, seen };
	struct unwound found[ANCHORS_MOST];
	struct slots_words words[2] = { 0 };
	for (size_t i = 0; i < seen->n; i++)
		if (seen->places[i].code->at) /* no gap */
			bytecodes_note(&loops->bytecodes, runtime, codes, &seen->places[i]);
	anchors->n = find_loops(&s, found, &anchors->whole);
	for (size_t i = 0; i < anchors->n; i++) {
		struct slots_words *own = &words[i % 2], *callers = &words[(i + 1) % 2];
		if (i == 0)
			read_words(&s, &found[i], own);
		callers->n = 0;
		if (i + 1 < anchors->n)
			read_words(&s, &found[i + 1], callers);
		if (i < 8)
			learn(&s, &found[i], own, callers);
		see(&s, &found[i], own, i > 0);
		anchors->all[i] = anchor_of(&s, &found[i], own);
		if (i > 0 && anchors->all[i].guessed) /* of callers what is seen tells more */
			anchors->all[i] = (struct anchor){ 0 };
	}
}

void loops_forget(struct loops *loops)
{
	unwind_forget(&loops->unwinder);
	slots_forget(&loops->slots);
	bytecodes_forget(&loops->bytecodes);
}
