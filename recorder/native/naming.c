#include "recorder/native/naming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/native/advice.h"
#include "recorder/native/demangle.h"

enum { LONGEST = 2000 }; /* of either text in a frame */

/* ---- paths ---- */

/* "/a/./b/../c" is "/a/c": what compilers write is where they were called, and the way from there.
 */
static void tidy_path(char *path)
{
	char *out = path;
	for (char *at = path; *at;) {
		if (strncmp(at, "/./", 3) == 0) {
			at += 2;
		} else if (strncmp(at, "//", 2) == 0) {
			at++;
		} else if (strncmp(at, "/../", 4) == 0 && out > path) {
			while (out > path && *--out != '/') {
			}
			at += 3;
		} else {
			*out++ = *at++;
		}
	}
	*out = '\0';
}

static void copy_path(char out[LONGEST], const char *path)
{
	static const char mark[] = " (deleted)";
	snprintf(out, LONGEST, "%s", path);
	size_t n = strlen(out);
	if (n > sizeof mark && strcmp(out + n - (sizeof mark - 1), mark) == 0)
		out[n - (sizeof mark - 1)] = '\0';
	tidy_path(out);
}

static uint32_t number(struct frames *frames, const char *path, const char *function, int line)
{
	char place[LONGEST], name[LONGEST];
	copy_path(place, path);
	snprintf(name, sizeof name, "%s", function);
	return frames_number(frames, place, name, line);
}

/* ---- what stands for an address ---- */

static bool keep(struct module *m, struct named *named, uint32_t number)
{
	if (number == UINT32_MAX)
		return false;
	if ((m->n_numbers & (m->n_numbers - 1)) == 0) {
		size_t room = m->n_numbers ? m->n_numbers * 2 : 16;
		uint32_t *more = realloc(m->numbers, room * sizeof *more);
		if (!more)
			return false;
		m->numbers = more;
	}
	m->numbers[m->n_numbers++] = number;
	named->n++;
	return true;
}

static uint8_t mark_of(const char *function)
{
	if (strncmp(function, "_PyEval_EvalFrameDefault", 24) == 0 ||
	    strncmp(function, "_TAIL_CALL_", 11) == 0)
		return NAMED_EVAL;
	if (strncmp(function, "__libc_start_", 13) == 0 || strcmp(function, "start_thread") == 0)
		return NAMED_START;
	return strcmp(function, "main") == 0 ? NAMED_MAIN : 0;
}

/* What was hung on by a compiler (a part of the function, a copy for some arguments), or a linker:
 * the version. */
static void cut_part(char *name)
{
	static const char *const parts[] = { ".constprop.", ".part.", ".isra.",     ".cold",
					     "@",           ".llvm.", ".lto_priv.", NULL };
	for (const char *const *part = parts; *part; part++) {
		char *at = strstr(name, *part);
		if (at && at > name)
			*at = '\0';
	}
}

static void name_by_symbol(struct module *m, struct named *named, struct frames *frames,
			   uint64_t address)
{
	char offset[24];
	const struct symbol *symbol = symbols_at(&m->symbols, address);
	if (symbol && symbol->name) {
		char linked[LONGEST], *plain;
		snprintf(linked, sizeof linked, "%s", symbol->name);
		cut_part(linked);
		plain = demangle(linked);
		const char *name = plain ? plain : linked;
		named->mark = mark_of(name) | NAMED_LINELESS;
		keep(m, named, number(frames, m->path, name, 0));
		free(plain);
		return;
	}
	named->mark = NAMED_NAMELESS;
	snprintf(offset, sizeof offset, "+0x%lx",
		 (unsigned long)(symbol ? symbol->start : address));
	keep(m, named, number(frames, m->path, offset, 0));
}

/* Where packages are built says nothing to anybody. */
static bool is_known(const struct module *m, const struct scope *scope)
{
	return scope->path && scope->line > 0 &&
	       (*scope->path == '/' || !advice_is_installed(m->path));
}

static void name_by_scopes(struct module *m, struct named *named, struct frames *frames,
			   uint64_t address)
{
	struct scope scopes[SCOPES_MOST];
	size_t n = m->broken ? 0 : units_scopes(&m->units, address, scopes);
	for (size_t i = 0; i < n; i++) {
		const char *name = scopes[i].function ? scopes[i].function : "?";
		bool known = is_known(m, &scopes[i]);
		named->mark |= mark_of(name);
		keep(m, named,
		     number(frames, known ? scopes[i].path : m->path, name,
			    known ? scopes[i].line : 0));
		free(scopes[i].function);
		free(scopes[i].path);
	}
}

/* ---- those that were asked for ---- */

static struct named *slot_of(struct named *table, size_t room, uint64_t key)
{
	for (size_t at = key * 0x9e3779b97f4a7c15 >> 20;; at++) {
		struct named *slot = &table[at & (room - 1)];
		if (slot->key == 0 || slot->key == key)
			return slot;
	}
}

static bool make_room(struct module *m)
{
	if (m->n_named * 2 < m->room_named)
		return true;
	size_t room = m->room_named ? m->room_named * 2 : 64;
	struct named *table = calloc(room, sizeof *table);
	if (!table)
		return false;
	for (size_t i = 0; i < m->room_named; i++)
		if (m->named[i].key)
			*slot_of(table, room, m->named[i].key) = m->named[i];
	free(m->named);
	m->named = table;
	m->room_named = room;
	return true;
}

const struct named *naming_at(struct module *m, uint64_t address, struct frames *frames)
{
	uint64_t key = address + 1; /* 0 is an address, of a library */
	if (!make_room(m))
		return NULL;
	struct named *slot = slot_of(m->named, m->room_named, key);
	if (slot->key)
		return slot;
	struct named made = { .key = key, .first = (uint32_t)m->n_numbers };
	name_by_scopes(m, &made, frames, address);
	if (made.n == 0)
		name_by_symbol(m, &made, frames, address);
	m->n_named++;
	return *slot = made, slot;
}

/* ---- code that was made at run time ---- */

/* Cuts ":12:7" or ":12" off the end; 0: there is none. */
static int cut_line(char *text)
{
	int line = 0;
	for (int i = 0; i < 2; i++) {
		char *colon = strrchr(text, ':');
		if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
			break;
		line = atoi(colon + 1);
		*colon = '\0';
	}
	return line;
}

uint32_t naming_made(struct frames *frames, const char *name)
{
	char text[LONGEST];
	snprintf(text, sizeof text, "%s", name);
	char *blank = strchr(text, ' '), *colon = strchr(text, ':');
	int line = blank ? cut_line(blank) : 0;
	if (line <= 0)
		return number(frames, "[jit]", name, 0);
	*blank = '\0';
	char *function = colon && colon < blank ? colon + 1 : text, *path = blank + 1;
	function += strspn(function, "~*^+");
	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	return number(frames, path, *function ? function : "(anonymous)", line);
}
