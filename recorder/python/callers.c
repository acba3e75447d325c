#include "recorder/python/callers.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/python/remote.h"

/* ns: what was seen last is forgotten so soon. */
static const int64_t SHORTLY = 30000000;

enum { OFTEN = 4, NOTED = 16, MOST_STEPS = 32, CHUNK = 1 << 14 };

/* ---- what was seen ---- */

static struct caller *entry_of(const struct callers *c, const struct code *code)
{
	return &c->all[((uintptr_t)code >> 4) * 0x9e3779b97f4a7c15 >> 54];
}
_Static_assert(CALLERS_KNOWN == 1 << (64 - 54), "a hash has as many bits as there are entries");

/* Of a stack that moves while it is read, a caller may stand at a line from which it calls others:
 * that is seen seldom. */
static size_t place_of(const struct caller *entry, int line)
{
	size_t least = 0;
	for (size_t i = 0; i < CALLERS_LINES; i++) {
		if (entry->lines[i].line == line && entry->lines[i].times > 0)
			return i;
		if (entry->lines[i].times < entry->lines[least].times)
			least = i;
	}
	return least;
}

static void note(struct callers *c, const struct place *called, const struct place *by)
{
	struct caller *entry = entry_of(c, called->code);
	if (entry->code != called->code || entry->by != by->code)
		*entry = (struct caller){ .code = called->code, .by = by->code };
	size_t i = place_of(entry, by->line);
	if (entry->lines[i].line != by->line)
		entry->lines[i].times = 0;
	entry->lines[i].line = by->line;
	entry->lines[i].times++;
	entry->frame = called->frame;
}

/* The line from which it mostly was called; `line` itself, where that was seen about as often. */
static int line_of(const struct caller *entry, int line)
{
	size_t is = place_of(entry, line), most = 0;
	for (size_t i = 1; i < CALLERS_LINES; i++)
		if (entry->lines[i].times > entry->lines[most].times)
			most = i;
	bool seen = entry->lines[is].line == line && entry->lines[is].times > 0;
	return seen && entry->lines[is].times * OFTEN >= entry->lines[most].times
		       ? line
		       : entry->lines[most].line;
}

static bool is_same(const struct stack *a, const struct stack *b)
{
	bool same = a->n == b->n;
	for (size_t i = 0; i < a->n && same; i++)
		same = a->places[i].frame == b->places[i].frame &&
		       a->places[i].code == b->places[i].code &&
		       a->places[i].line == b->places[i].line;
	return same;
}

static void keep(struct callers *c, const struct fault *fault, const struct stack *seen)
{
	if (seen->n == 0)
		return;
	if (c->last.thread != fault->thread || !is_same(&c->last.stack, seen)) {
		c->before = c->last;
		c->last.thread = fault->thread;
		stack_copy(&c->last.stack, seen);
	}
	c->last.at = fault->at;
}

const struct stack *callers_last(const struct callers *c, const struct codes *codes,
				 const struct fault *fault)
{
	bool known = c->last.thread == fault->thread && c->forgotten == codes->forgotten;
	return known && fault->at - c->last.at < SHORTLY ? &c->last.stack : NULL;
}

static bool is_running(const struct stack *stack, const struct place *place)
{
	size_t i = 0;
	if (!place->frame || !place->code->at)
		return false;
	while (i < stack->n &&
	       (stack->places[i].frame != place->frame || stack->places[i].code != place->code))
		i++;
	return i < stack->n;
}

size_t callers_lasting(const struct callers *c, const struct stack *seen)
{
	size_t i = 0;
	if (c->last.thread != c->before.thread)
		return seen->n;
	while (i < seen->n && !is_running(&c->before.stack, &seen->places[i]))
		i++;
	return i;
}

void callers_note(struct callers *c, const struct codes *codes, const struct fault *fault,
		  const struct stack *seen)
{
	if (!c->all)
		c->all = calloc(CALLERS_KNOWN, sizeof *c->all);
	if (!c->all)
		return;
	if (c->forgotten != codes->forgotten) {
		memset(c->all, 0, CALLERS_KNOWN * sizeof *c->all);
		c->last.thread = c->before.thread = 0;
	}
	c->forgotten = codes->forgotten;
	keep(c, fault, seen);
	for (size_t i = 0; i + 1 < seen->n && i < NOTED; i++)
		if (seen->places[i].code->at && seen->places[i + 1].code->at) /* no gap */
			note(c, &seen->places[i], &seen->places[i + 1]);
}

static const struct caller *known(const struct callers *c, const struct code *code)
{
	const struct caller *entry = c->all ? entry_of(c, code) : NULL;
	return entry && entry->code == code ? entry : NULL;
}

/* ---- the stack ---- */

struct joint {
	struct callers *callers;
	const struct runtime *runtime;
	struct codes *codes;
	const struct stack *seen;
	struct stack *stack;
	enum callers_known known;
};

static void doubt(struct joint *j, enum callers_known known)
{
	j->known = known < j->known ? known : j->known;
}

static void push(struct joint *j, const struct place *place)
{
	if (j->stack->n < STACK_MOST)
		j->stack->places[j->stack->n++] = *place;
	else
		j->stack->cut = true;
}

static const struct code *last_code(const struct joint *j)
{
	return j->stack->places[j->stack->n - 1].code;
}

static size_t find_frame(const struct joint *j, uint64_t frame)
{
	size_t i = 0;
	while (frame && i < j->seen->n && j->seen->places[i].frame != frame)
		i++;
	return frame ? i : j->seen->n;
}

static size_t find_code(const struct joint *j, const struct code *code)
{
	size_t i = 0;
	while (i < j->seen->n && j->seen->places[i].code != code)
		i++;
	return i;
}

/* A caller that still runs may stand at another line by now: if it was seen to call from elsewhere,
 * it is there that it did. */
static void push_running(struct joint *j, const struct place *place)
{
	struct place as = *place;
	const struct caller *entry = known(j->callers, last_code(j));
	if (entry && entry->by == as.code)
		as.line = line_of(entry, as.line);
	else
		doubt(j, CALLERS_GUESSED);
	push(j, &as);
}

/* From there on as it was seen, up to the next exact place. */
static void push_seen(struct joint *j, size_t from, const struct anchor *until, bool running)
{
	for (size_t i = from; i < j->seen->n; i++) {
		if (until && j->seen->places[i].frame == until->frame && until->frame)
			return;
		if (i == from && running)
			push_running(j, &j->seen->places[i]);
		else
			push(j, &j->seen->places[i]);
	}
	j->stack->cut |= j->seen->cut;
}

/* ---- between two exact places ---- */

static const struct code *code_at(const struct joint *j, uint64_t at)
{
	uint8_t head[CODE_HEAD];
	uint64_t keys[CODE_KEYS];
	if (!at || !remote_read(j->runtime->pid, at + (unsigned)code_head(&j->runtime->offsets),
				head, sizeof head))
		return NULL;
	code_keys(&j->runtime->offsets, head, keys);
	return codes_find(j->codes, j->runtime, at, keys);
}

/* Where others have taken the place of callers that have ended, those were not seen to call what
 * was called here. */
static bool may_call(const struct joint *j, const struct code *by)
{
	const struct caller *entry = known(j->callers, last_code(j));
	return entry && entry->by == by;
}

/* A frame begins where the one of its caller ends: another that has taken the caller's place is
 * hardly as long. */
static bool is_behind(const struct joint *j, uint64_t frame, uint64_t back, uint64_t code)
{
	uint64_t bytes = stack_frame_bytes(j->runtime, code);
	return bytes > 0 && frame == back + bytes;
}

/* What has ended left its line, too. */
static bool push_caller(struct joint *j, uint64_t called, uint64_t at,
			const struct stack_frame *frame)
{
	const struct code *code = code_at(j, frame->code);
	bool behind = code && is_behind(j, called, at, frame->code);
	if (!code || (!behind && !may_call(j, code)))
		return false;
	const struct place place = { code, stack_line(j->runtime, code, frame), at };
	if (behind && j->callers->all)
		note(j->callers, &j->stack->places[j->stack->n - 1], &place);
	push(j, &place);
	return true;
}

/* Frames that have ended lie there until others take their place. false: they do by now. */
static bool push_ended(struct joint *j, const struct anchor *from, const struct anchor *until)
{
	struct stack_frame frame;
	size_t began = j->stack->n;
	uint64_t called = from->frame;
	if (!from->frame || !stack_look(j->runtime, from->frame, &frame) ||
	    frame.code != from->code->at)
		return false;
	for (int i = 0; i < MOST_STEPS && frame.back; i++) {
		uint64_t at = frame.back;
		size_t running = find_frame(j, at);
		const struct code *runs =
			running < j->seen->n ? j->seen->places[running].code : NULL;
		if (until && at == until->frame)
			return true;
		if (runs && !may_call(j, runs) && !is_behind(j, called, at, runs->at))
			break;
		if (runs) {
			push_seen(j, running, until, true);
			return true;
		}
		if (!stack_look(j->runtime, at, &frame))
			break;
		if (frame.is_own && until)
			return true;
		if (!frame.is_own && !push_caller(j, called, at, &frame))
			break;
		called = at;
	}
	j->stack->n = began;
	return false;
}

/* As it was called when it was last seen to be, back to one that still runs. */
static bool push_known(struct joint *j, const struct anchor *until)
{
	size_t began = j->stack->n;
	for (int i = 0; i < MOST_STEPS; i++) {
		const struct caller *entry = known(j->callers, last_code(j));
		if (!entry)
			break;
		if (until && until->code == entry->by)
			return true;
		size_t running = find_code(j, entry->by);
		if (running < j->seen->n) {
			push_seen(j, running, until, true);
			return true;
		}
		push(j, &(struct place){ entry->by, line_of(entry, 0), 0 });
	}
	j->stack->n = began;
	return false;
}

/* What still runs of those that lie further out: Python's frames lie one behind the other. */
static void push_outer(struct joint *j, const struct anchor *from, const struct anchor *until)
{
	for (size_t i = 0; i < j->seen->n; i++) {
		uint64_t frame = j->seen->places[i].frame;
		if (frame && frame < from->frame && from->frame - frame < CHUNK) {
			push_seen(j, i, until, true);
			return;
		}
	}
	size_t lasting = callers_lasting(j->callers, j->seen);
	if (!until && lasting < j->seen->n)
		push_seen(j, lasting, NULL, true);
	else if (!until && j->seen->n > 0)
		push(j, &j->seen->places[j->seen->n - 1]);
}

/* Before 3.11 each call of Python has a loop of its own, and there is nothing between. */
static void join(struct joint *j, const struct anchor *from, const struct anchor *until)
{
	size_t running = find_frame(j, from->frame);
	if (until && j->runtime->offsets.version < 0x030b)
		return;
	if (running < j->seen->n && j->seen->places[running].code == from->code) {
		push_seen(j, running + 1, until, false);
		return;
	}
	doubt(j, CALLERS_LIKELY);
	if (push_ended(j, from, until) || push_known(j, until))
		return;
	doubt(j, CALLERS_GUESSED);
	push_outer(j, from, until);
}

enum callers_known callers_join(struct callers *callers, const struct runtime *runtime,
				struct codes *codes, const struct anchors *anchors,
				const struct stack *seen, struct stack *stack)
{
	struct joint j = { callers, runtime, codes, seen, stack, CALLERS_HOLD };
	stack->n = 0;
	stack->cut = false;
	for (size_t i = 0; i < anchors->n && anchors->all[i].code;) {
		const struct anchor *from = &anchors->all[i++];
		push(&j, &(struct place){ from->code, from->line, from->frame });
		const struct anchor *until =
			i < anchors->n && anchors->all[i].code ? from + 1 : NULL;
		bool whole = anchors->whole && i == anchors->n && runtime->offsets.version < 0x030b;
		if (!whole)
			join(&j, from, until);
		if (i < anchors->n && !until) /* the rest is as it was seen */
			break;
	}
	return j.known;
}

void callers_forget(struct callers *callers)
{
	free(callers->all);
	*callers = (struct callers){ 0 };
}
