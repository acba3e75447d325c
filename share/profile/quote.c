#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "share/profile/quote.h"

/* The length of a well-formed UTF-8 sequence at `p` (RFC 3629: no overlong forms, no surrogates), 0
 * when there is none. */
static size_t utf8_length(const unsigned char *p)
{
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* C1 controls and the line separators would break a line for somebody, though they are UTF-8. */
static bool is_breaking(const unsigned char *p, size_t n)
{
	return (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) ||
	       (n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9));
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
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		size_t n = utf8_length(p);
		if (n == 0 || *p < 0x20 || *p == 0x7f || is_breaking(p, n))
			return NEED_ESCAPES;
		if (!is_plain(*p))
			need = NEED_QUOTES;
		p += n;
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
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		size_t n = utf8_length(p);
		if (n == 0 || *p < 0x20 || *p == 0x7f) {
			put_escape(sink, *p++);
			continue;
		}
		if (is_breaking(p, n)) {
			while (n-- > 0)
				put_escape(sink, *p++);
			continue;
		}
		if (*p == '\\' || *p == '\'')
			put(sink, "\\", 1);
		put(sink, (const char *)p, n);
		p += n;
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
