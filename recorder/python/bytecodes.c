#include "recorder/python/bytecodes.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/python/remote.h"
#include "share/array.h"

enum { MOST_BYTECODES = 16384, LONGEST = 1 << 22, PIECES = 64, HEAD = 64, NOTED = 1024 };

const struct bytecode *bytecodes_find(const struct bytecodes *b, uint64_t address)
{
	size_t low = 0, high = b->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (b->all[middle].high < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->n && b->all[low].low < address ? &b->all[low] : NULL;
}

/* Those that lay where this one lies are no more. */
static void put(struct bytecodes *b, const struct bytecode *one)
{
	size_t first = 0, behind;
	if (b->n == MOST_BYTECODES)
		bytecodes_forget(b);
	while (first < b->n && b->all[first].high <= one->low)
		first++;
	for (behind = first; behind < b->n && b->all[behind].low < one->high;)
		behind++;
	if (first == behind && !array_more(&b->all, &b->n, sizeof *b->all))
		return;
	if (first == behind) {
		memmove(&b->all[first + 1], &b->all[first], (b->n - 1 - first) * sizeof *b->all);
	} else {
		memmove(&b->all[first + 1], &b->all[behind], (b->n - behind) * sizeof *b->all);
		b->n -= behind - first - 1;
	}
	b->all[first] = *one;
}

/* ---- where a code object keeps it ---- */

/* From 3.11 on it is the object's own end, as many units of two bytes as its head says; before, an
 * object of bytes, the member behind co_firstlineno and four bytes of nothing. */
static bool is_within(const struct offsets *o)
{
	return o->code_bytes >= 0;
}

static void find_within(const struct offsets *o, uint8_t heads[PIECES][HEAD], size_t n,
			struct bytecode *found)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t units;
		memcpy(&units, heads[i] + o->bytes_size, sizeof units);
		found[i].low = found[i].code + (unsigned)o->code_bytes;
		found[i].high = units > 0 && units < LONGEST ? found[i].low + units * 2 : 0;
	}
}

static void find_apart(const struct runtime *r, uint8_t heads[PIECES][HEAD], size_t n,
		       struct bytecode *found)
{
	const struct offsets *o = &r->offsets;
	uint64_t at[PIECES], size[PIECES];
	for (size_t i = 0; i < n; i++) {
		memcpy(&at[i], heads[i] + o->code_first + 8, sizeof at[i]);
		found[i].low = at[i] + (unsigned)o->bytes_data;
		at[i] += (unsigned)o->bytes_size;
	}
	remote_gather(r->pid, at, n, sizeof *size, size);
	for (size_t i = 0; i < n; i++)
		found[i].high = size[i] > 0 && size[i] < LONGEST ? found[i].low + size[i] : 0;
}

static bool is_code(const struct runtime *r, const struct codes *codes, const uint8_t head[HEAD])
{
	return codes->type &&
	       memcmp(head + r->offsets.object_type, &codes->type, sizeof codes->type) == 0;
}

void bytecodes_add(struct bytecodes *b, const struct runtime *r, const struct codes *codes,
		   const uint64_t *objects, size_t n)
{
	const struct offsets *o = &r->offsets;
	struct bytecode found[PIECES] = { 0 };
	uint8_t heads[PIECES][HEAD], keys[PIECES][CODE_HEAD];
	uint64_t at[PIECES];
	n = n < PIECES ? n : PIECES;
	for (size_t i = 0; i < n; i++)
		at[i] = objects[i] + (unsigned)code_head(o);
	remote_gather(r->pid, objects, n, HEAD, heads);
	remote_gather(r->pid, at, n, CODE_HEAD, keys);
	for (size_t i = 0; i < n; i++) {
		found[i].code = objects[i];
		code_keys(o, keys[i], found[i].keys);
	}
	if (is_within(o))
		find_within(o, heads, n, found);
	else
		find_apart(r, heads, n, found);
	for (size_t i = 0; i < n; i++)
		if (found[i].high && is_code(r, codes, heads[i]) && found[i].keys[0] &&
		    found[i].keys[1] && found[i].keys[3])
			put(b, &found[i]);
}

/* The head of one lies before its bytecode; the nearest that reaches to the address is it. */
bool bytecodes_search(struct bytecodes *b, const struct runtime *r, const struct codes *codes,
		      uint64_t address)
{
	enum { SEARCHED = 16384, ALIGNED = 8 };
	uint8_t bytes[SEARCHED];
	const struct offsets *o = &r->offsets;
	uint64_t low = (address & ~(uint64_t)(ALIGNED - 1)) - SEARCHED;
	size_t n = SEARCHED;
	if (!is_within(o) || !codes->type || address < 2 * SEARCHED)
		return false;
	if (!remote_read(r->pid, low, bytes, n)) { /* what lies before may be nobody's */
		low += SEARCHED - 2048;
		n = 2048;
		if (!remote_read(r->pid, low, bytes, n))
			return false;
	}
	for (size_t at = n - HEAD; at >= ALIGNED; at -= ALIGNED) {
		uint64_t units, code = low + at;
		memcpy(&units, bytes + at + o->bytes_size, sizeof units);
		if (!is_code(r, codes, bytes + at) || units > LONGEST ||
		    address - code <= (unsigned)o->code_bytes ||
		    address - code > (unsigned)o->code_bytes + units * 2)
			continue;
		bytecodes_add(b, r, codes, &code, 1);
		return bytecodes_find(b, address) != NULL;
	}
	return false;
}

/* Of one whose bytecode is a part of it (from 3.11 on). */
static struct bytecode *same(const struct bytecodes *b, const struct runtime *r,
			     const struct code *code)
{
	uint64_t low = code->at + (unsigned)r->offsets.code_bytes;
	struct bytecode *found = (struct bytecode *)bytecodes_find(b, low + 1);
	return found && found->code == code->at &&
			       memcmp(found->keys, code->keys, sizeof found->keys) == 0
		       ? found
		       : NULL;
}

static void note_frame(struct bytecode *one, uint64_t frame)
{
	one->frame = !one->ran || one->frame == frame ? frame : 0;
	one->ran = true;
}

void bytecodes_note(struct bytecodes *b, const struct runtime *r, const struct codes *codes,
		    const struct place *place)
{
	const struct code *code = place->code;
	const bool within = is_within(&r->offsets);
	struct bytecode *known = within ? same(b, r, code) : NULL;
	if (!b->noted)
		b->noted = calloc(NOTED, sizeof *b->noted);
	uint64_t *noted = b->noted ? &b->noted[(code->at >> 4) * 0x9e3779b97f4a7c15 >> 54] : NULL;
	if (noted && !known && (within || *noted != (code->at ^ code->keys[3]))) {
		*noted = code->at ^ code->keys[3];
		bytecodes_add(b, r, codes, &code->at, 1);
		known = within ? same(b, r, code) : NULL;
	}
	if (known)
		note_frame(known, place->frame);
}

const struct code *bytecodes_code(const struct runtime *r, struct codes *codes,
				  const struct bytecode *one)
{
	uint8_t head[CODE_HEAD];
	uint64_t keys[CODE_KEYS];
	if (!remote_read(r->pid, one->code + (unsigned)code_head(&r->offsets), head, sizeof head))
		return NULL;
	code_keys(&r->offsets, head, keys);
	return memcmp(keys, one->keys, sizeof keys) == 0 ? codes_find(codes, r, one->code, keys)
							 : NULL;
}

void bytecodes_forget(struct bytecodes *b)
{
	free(b->all);
	free(b->noted);
	*b = (struct bytecodes){ 0 };
}
