#include "recorder/python/code.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/characters.h"
#include "recorder/python/remote.h"

enum { SLOTS = 4096, MOST = 8192, LONGEST_TEXT = 2048 };
enum { ENOUGH_BYTES = 24 << 20, MOST_BYTES = 32 << 20 };
enum {
	LONGEST_TABLE = 128 << 20, /* two million statements and more */
	LONGEST_KEPT = 32 << 10,   /* bytes of a table; of a longer one only the way through it */
	LONGEST_PIECE = 4 * LINE_STEP,
	MOST_WORK = 32 << 20, /* bytes of tables, for one stack */
};

/* ---- texts ---- */

#define UNNAMED "<unnamed>"

/* Where its characters are: behind it, or, in one of a class derived from str, elsewhere. */
static uint64_t find_characters(const struct runtime *r, uint64_t at,
				const struct characters *shape)
{
	const struct offsets *o = &r->offsets;
	if (!shape->compact)
		return remote_pointer(r->pid, at + (unsigned)o->text_wide);
	return at + (unsigned)(shape->ascii ? o->text_ascii : o->text_wide);
}

/* A str, or the beginning of a very long one; UNNAMED for an empty one, or one whose characters are
 * all zero: it is made just now, or no more. */
static char *read_text(const struct runtime *r, uint64_t at)
{
	const struct offsets *o = &r->offsets;
	uint8_t buffer[LONGEST_TEXT * 4];
	int64_t length;
	uint32_t state;
	struct characters shape;
	if (!at || !remote_read(r->pid, at + (unsigned)o->text_length, &length, sizeof length) ||
	    !remote_read(r->pid, at + (unsigned)o->text_state, &state, sizeof state) ||
	    length < 0 || !characters_shape(state, &shape))
		return NULL;
	size_t n = length < LONGEST_TEXT ? (size_t)length : LONGEST_TEXT;
	if (n == 0)
		return strdup(UNNAMED);
	uint64_t characters = find_characters(r, at, &shape);
	if (!characters || !remote_read(r->pid, characters, buffer, n * shape.width))
		return NULL;
	char *text = malloc(n * CHARACTERS_WIDEST + sizeof UNNAMED);
	if (text && characters_to_utf8(text, buffer, n, shape.width) == 0)
		strcpy(text, UNNAMED);
	return text;
}

/* ---- code ---- */

int code_head(const struct offsets *o)
{
	return o->code_file;
}

static uint64_t pointer_in(const uint8_t head[CODE_HEAD], int offset)
{
	uint64_t value = 0;
	if (offset >= 0 && offset + (int)sizeof value <= CODE_HEAD)
		memcpy(&value, head + offset, sizeof value);
	return value;
}

/* In all versions the four lie side by side. */
void code_keys(const struct offsets *o, const uint8_t head[CODE_HEAD], uint64_t keys[CODE_KEYS])
{
	int base = code_head(o);
	keys[0] = pointer_in(head, 0);
	keys[1] = pointer_in(head, o->code_name - base);
	keys[2] = o->code_qualname >= 0 ? pointer_in(head, o->code_qualname - base) : 0;
	keys[3] = pointer_in(head, o->code_lines - base);
}

static void free_code(struct code *code)
{
	free(code->file);
	free(code->name);
	free(code->table);
	free(code->marks);
	free(code);
}

/* Without marks, a table is gone through from its beginning. */
static void mark_table(const struct runtime *r, struct code *code)
{
	size_t most = code->size / LINE_STEP + 1;
	if (code->size <= LINE_STEP)
		return;
	code->marks = malloc(most * sizeof *code->marks);
	if (code->marks)
		code->n_marks = line_table_mark(offsets_line_table(&r->offsets), code->table,
						code->size, code->first, code->marks, most);
	if (code->n_marks > 0 && code->size > LONGEST_KEPT) {
		free(code->table);
		code->table = NULL;
	}
}

/* Its size, if it is one; -1: it is none. */
static int64_t table_size(const struct runtime *r, const struct code *code)
{
	int64_t size;
	uint64_t at = code->keys[3] + (unsigned)r->offsets.bytes_size;
	return remote_read(r->pid, at, &size, sizeof size) && size <= LONGEST_TABLE ? size : -1;
}

static bool read_table(const struct runtime *r, struct code *code)
{
	const struct offsets *o = &r->offsets;
	int64_t size = table_size(r, code);
	if (size < 0 || !remote_read(r->pid, code->at + (unsigned)o->code_first, &code->first,
				     sizeof code->first))
		return false;
	if (code->first <= 0)
		code->first = 1;
	code->size = (size_t)size;
	code->table = malloc(code->size + 1);
	if (!code->table ||
	    (size > 0 && !remote_read(r->pid, code->keys[3] + (unsigned)o->bytes_data, code->table,
				      code->size)))
		return false;
	mark_table(r, code);
	return true;
}

/* What stands there may be anything, of a frame that was not yet, or is no longer. */
static bool is_code(struct codes *c, const struct runtime *r, uint64_t at)
{
	static const char name[] = "code";
	const struct offsets *o = &r->offsets;
	char text[sizeof name];
	uint64_t type = remote_pointer(r->pid, at + (unsigned)o->object_type);
	if (type && type == c->type)
		return true;
	uint64_t named = type ? remote_pointer(r->pid, type + (unsigned)o->type_name) : 0;
	if (!named || !remote_read(r->pid, named, text, sizeof text) ||
	    memcmp(text, name, sizeof name) != 0)
		return false;
	c->type = type;
	return true;
}

static struct code *read_code(struct codes *c, const struct runtime *r, uint64_t at,
			      const uint64_t keys[CODE_KEYS])
{
	struct code *code = is_code(c, r, at) ? calloc(1, sizeof *code) : NULL;
	if (!code)
		return NULL;
	code->at = at;
	memcpy(code->keys, keys, sizeof code->keys);
	code->file = read_text(r, keys[0]);
	code->name = code->file ? read_text(r, keys[2] ? keys[2] : keys[1]) : NULL;
	if (code->name && read_table(r, code))
		return code;
	free_code(code);
	return NULL;
}

/* Reads it, and keeps it at the head of its slot. */
static struct code *add(struct codes *c, const struct runtime *r, uint64_t at,
			const uint64_t keys[CODE_KEYS], struct code **slot)
{
	struct code *code =
		c->bytes < MOST_BYTES && c->work < MOST_WORK ? read_code(c, r, at, keys) : NULL;
	if (!code)
		return NULL;
	code->next = *slot;
	*slot = code;
	c->n++;
	c->work += code->size;
	c->bytes += sizeof *code + strlen(code->file) + strlen(code->name) +
		    (code->table ? code->size : 0) + code->n_marks * sizeof *code->marks;
	return code;
}

/* One that was handed out is never changed or freed before codes_trim: where another stands at its
 * address, that one goes before it. */
const struct code *codes_find(struct codes *c, const struct runtime *r, uint64_t at,
			      const uint64_t keys[CODE_KEYS])
{
	if (!keys[0] || !keys[1] || !keys[3])
		return NULL;
	if (!c->slots) {
		c->slots = calloc(SLOTS, sizeof *c->slots);
		c->n_slots = c->slots ? SLOTS : 0;
	}
	if (!c->slots)
		return NULL;
	struct code **slot = &c->slots[(at >> 4) * 0x9e3779b97f4a7c15 >> 52];
	for (struct code *code = *slot; code; code = code->next)
		if (code->at == at && memcmp(code->keys, keys, sizeof code->keys) == 0)
			return code;
	return add(c, r, at, keys, slot);
}

/* ---- lines ---- */

/* The piece that the mark begins lies in the process, as when it was marked: as long as the code is
 * the same, so is its table. */
static int find_in_piece(const struct code *code, const struct runtime *r, size_t mark,
			 int64_t offset)
{
	uint8_t piece[LONGEST_PIECE];
	size_t at = code->marks[mark].at;
	size_t end = mark + 1 < code->n_marks ? code->marks[mark + 1].at : code->size;
	uint64_t from = code->keys[3] + (unsigned)r->offsets.bytes_data + at;
	if (end - at > sizeof piece || !remote_read(r->pid, from, piece, end - at))
		return 0;
	return line_table_find_from(offsets_line_table(&r->offsets), piece, end - at,
				    &code->marks[mark], offset);
}

static int find_line(const struct code *code, const struct runtime *r, int64_t offset)
{
	enum line_table kind = offsets_line_table(&r->offsets);
	if (code->n_marks == 0)
		return line_table_find(kind, code->table, code->size, code->first, offset);
	size_t mark = line_table_nearest(code->marks, code->n_marks, offset);
	if (!code->table)
		return find_in_piece(code, r, mark, offset);
	size_t at = code->marks[mark].at;
	return line_table_find_from(kind, code->table + at, code->size - at, &code->marks[mark],
				    offset);
}

int code_line(const struct code *code, const struct runtime *r, int64_t offset)
{
	int line = find_line(code, r, offset);
	return line > 0 ? line : code->first;
}

/* ---- all of them ---- */

static void forget(struct codes *c)
{
	for (size_t i = 0; i < c->n_slots; i++)
		for (struct code *code = c->slots[i], *next; code; code = next) {
			next = code->next;
			free_code(code);
		}
	if (c->slots)
		memset(c->slots, 0, c->n_slots * sizeof *c->slots);
	c->n = c->bytes = 0;
	c->type = 0;
	c->forgotten++;
}

void codes_trim(struct codes *c)
{
	c->work = 0;
	if (c->n >= MOST || c->bytes >= ENOUGH_BYTES)
		forget(c);
}

void codes_free(struct codes *c)
{
	forget(c);
	free(c->slots);
	*c = (struct codes){ 0 };
}
