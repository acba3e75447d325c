#include "recorder/python/code.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/remote.h"

enum { SLOTS = 4096, MOST = 8192, LONGEST_TEXT = 2048, LONGEST_TABLE = 1 << 18 };
enum { ENOUGH_BYTES = 24 << 20, MOST_BYTES = 32 << 20 };

/* ---- texts ---- */

static char *put_code_point(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	} else {
		*out++ = (char)(0xf0 | (c >> 18 & 7));
		*out++ = (char)(0x80 | (c >> 12 & 63));
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	}
	return out;
}

/* Characters of 1, 2 or 4 bytes. A lone surrogate is how Python keeps a byte that is no text. */
static char *to_utf8(const uint8_t *characters, size_t n, unsigned width)
{
	char *text = malloc(n * 4 + 1), *out = text;
	for (size_t i = 0; text && i < n; i++) {
		uint32_t c = 0;
		memcpy(&c, characters + i * width, width);
		if (c >= 0xdc80 && c <= 0xdcff)
			*out++ = (char)(c - 0xdc00);
		else if (c != 0)
			out = put_code_point(out, c);
	}
	if (text)
		*out = '\0';
	return text;
}

/* A str, whose state has its width in bits 2 to 4, "compact" in 5 and "ASCII" in 6. */
static char *read_text(const struct runtime *r, uint64_t at)
{
	const struct offsets *o = &r->offsets;
	uint8_t buffer[LONGEST_TEXT * 4];
	int64_t length;
	uint32_t state;
	if (!at || !remote_read(r->pid, at + (unsigned)o->text_length, &length, sizeof length) ||
	    !remote_read(r->pid, at + (unsigned)o->text_state, &state, sizeof state))
		return NULL;
	unsigned width = state >> 2 & 7;
	bool compact = state >> 5 & 1, ascii = state >> 6 & 1;
	if (length <= 0 || length > LONGEST_TEXT || !compact ||
	    (width != 1 && width != 2 && width != 4))
		return NULL;
	unsigned data = (unsigned)(ascii ? o->text_ascii : o->text_wide);
	if (!remote_read(r->pid, at + data, buffer, (size_t)length * width))
		return NULL;
	return to_utf8(buffer, (size_t)length, width);
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
	free(code);
}

static bool read_table(const struct runtime *r, struct code *code)
{
	const struct offsets *o = &r->offsets;
	int64_t size;
	uint64_t at = code->keys[3];
	if (!remote_read(r->pid, at + (unsigned)o->bytes_size, &size, sizeof size) || size < 0 ||
	    size > LONGEST_TABLE)
		return false;
	code->size = (size_t)size;
	code->table = malloc(code->size + 1);
	return code->table &&
	       (size == 0 ||
		remote_read(r->pid, at + (unsigned)o->bytes_data, code->table, code->size)) &&
	       remote_read(r->pid, code->at + (unsigned)o->code_first, &code->first,
			   sizeof code->first);
}

static struct code *read_code(const struct runtime *r, uint64_t at, const uint64_t keys[CODE_KEYS])
{
	struct code *code = calloc(1, sizeof *code);
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
	struct code *code = c->bytes < MOST_BYTES ? read_code(r, at, keys) : NULL;
	if (code) {
		code->next = *slot;
		*slot = code;
		c->n++;
		c->bytes += sizeof *code + code->size + strlen(code->file) + strlen(code->name);
	}
	return code;
}

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
	c->forgotten++;
}

void codes_trim(struct codes *c)
{
	if (c->n >= MOST || c->bytes >= ENOUGH_BYTES)
		forget(c);
}

void codes_free(struct codes *c)
{
	forget(c);
	free(c->slots);
	*c = (struct codes){ 0 };
}
