#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "share/profile/quote.h"
#include "share/text.h"

/* How many bytes from `p` on stand for themselves: a character that is printable; 0: none, as of a
 * byte that is no UTF-8. *whole is the character's length all the same. */
static size_t length_of(const char *p, size_t *whole)
{
	const char *next = p;
	uint32_t c = text_next(&next);
	*whole = (size_t)(next - p);
	bool broken = c == TEXT_REPLACEMENT && *whole == 1;
	return broken || !text_is_printable(c) ? 0 : *whole;
}

static bool is_plain(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || (c && strchr("_@%+=:,./-", c));
}

/* How much quoting a text needs. */
enum need { NEED_NONE, NEED_QUOTES, NEED_ESCAPES };

static enum need need_of(const char *text)
{
	enum need need = *text ? NEED_NONE : NEED_QUOTES;
	for (size_t whole; *text; text += whole) {
		if (length_of(text, &whole) == 0)
			return NEED_ESCAPES;
		if (!is_plain((unsigned char)*text))
			need = NEED_QUOTES;
	}
	return need;
}

struct sink {
	char *out;
	size_t size, n;
};

static void put(struct sink *sink, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++, sink->n++)
		if (sink->n + 1 < sink->size)
			sink->out[sink->n] = bytes[i];
}

/* '…', where a quote itself is '\''. */
static void put_quoted(struct sink *sink, const char *text)
{
	put(sink, "'", 1);
	for (; *text; text++) {
		if (*text == '\'')
			put(sink, "'\\''", 4);
		else
			put(sink, text, 1);
	}
	put(sink, "'", 1);
}

/* $'…', one byte as an escape. \xNN takes exactly two digits here and in every shell when two are
 * given. */
static void put_escape(struct sink *sink, unsigned char c)
{
	static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr";
	char escape[8];
	for (const char *l = letters; *l; l += 2)
		if ((unsigned char)*l == c) {
			put(sink, (const char[]){ '\\', l[1] }, 2);
			return;
		}
	put(sink, escape, (size_t)snprintf(escape, sizeof escape, "\\x%02x", c));
}

static void put_escaped(struct sink *sink, const char *text)
{
	put(sink, "$'", 2);
	for (size_t whole; *text; text += whole) {
		size_t plain = length_of(text, &whole);
		for (size_t i = 0; plain == 0 && i < whole; i++)
			put_escape(sink, (unsigned char)text[i]);
		if (plain && (*text == '\\' || *text == '\''))
			put(sink, "\\", 1);
		put(sink, text, plain);
	}
	put(sink, "'", 1);
}

size_t profile_quote(char *out, size_t size, const char *text)
{
	struct sink sink = { out, size, 0 };
	switch (need_of(text)) {
	case NEED_NONE: put(&sink, text, strlen(text)); break;
	case NEED_QUOTES: put_quoted(&sink, text); break;
	case NEED_ESCAPES: put_escaped(&sink, text); break;
	}
	if (size > 0)
		out[sink.n < size ? sink.n : size - 1] = '\0';
	return sink.n;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* One escape inside $'…'; *p stands behind the backslash. */
static char unescape(const char **p)
{
	static const char letters[] = "a\ab\bt\tn\nv\vf\fr\r";
	char c = *(*p)++;
	if (c == 'x' && hex(**p) >= 0) {
		int value = hex(*(*p)++);
		if (hex(**p) >= 0)
			value = value * 16 + hex(*(*p)++);
		return (char)value;
	}
	for (const char *l = letters; *l; l += 2)
		if (*l == c)
			return l[1];
	return c;
}

/* Copies one quoted piece; *p stands behind its opening quote. false: it stays open. */
static bool take_piece(const char **p, char **out, bool escapes)
{
	while (**p && **p != '\'') {
		if (escapes && **p == '\\' && (*p)[1]) {
			(*p)++;
			*(*out)++ = unescape(p);
		} else {
			*(*out)++ = *(*p)++;
		}
	}
	if (**p != '\'')
		return false;
	(*p)++;
	return true;
}

int profile_unquote(char **cursor, char **word)
{
	const char *p = *cursor + strspn(*cursor, " ");
	if (!*p) {
		*cursor += strlen(*cursor);
		return 0;
	}
	/* What comes out is never longer than what went in, so it can be written over it. */
	char *out = *cursor;
	*word = out;
	while (*p && *p != ' ') {
		if (*p == '\'' || (*p == '$' && p[1] == '\'')) {
			bool escapes = *p == '$';
			p += 1 + escapes;
			if (!take_piece(&p, &out, escapes))
				return -EINVAL;
		} else {
			p += *p == '\\' && p[1];
			*out++ = *p++;
		}
	}
	*cursor = (char *)p + (*p == ' ');
	*out = '\0';
	return 1;
}
