#include "plotter/page/embed/token.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

struct reader {
	struct tokens *tokens;
	const char *at;
	bool new_line;
	/* The braces that are open, and which of them a template's "${" opened. */
	bool of_template[DEEPEST];
	size_t depth;
};

bool token_is(const struct token *token, const char *text)
{
	return token->n == strlen(text) && memcmp(token->at, text, token->n) == 0;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

static int add(struct reader *r, enum token_kind kind, size_t n)
{
	struct tokens *t = r->tokens;
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct token *more = realloc(t->of, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		t->of = more;
		t->room = room;
	}
	t->of[t->n++] = (struct token){ kind, r->at, n, r->new_line, -1 };
	r->new_line = false;
	r->at += n;
	return 0;
}

static void skip_blanks(struct reader *r)
{
	for (;;) {
		const char *end;
		if (r->at[0] == '/' && r->at[1] == '*' && (end = strstr(r->at + 2, "*/"))) {
			r->at = end + 2;
		} else if (r->at[0] == '/' && r->at[1] == '/') {
			r->at += strcspn(r->at, "\n");
		} else if (*r->at && strchr(" \t\n", *r->at)) {
			r->new_line |= *r->at++ == '\n';
		} else {
			return;
		}
	}
}

/* Up to one of the ends that no backslash stands before; in a class of a regular expression '/' is
 * none. */
static int add_until(struct reader *r, char end, bool template)
{
	bool class = false;
	for (size_t n = 1; r->at[n]; n++) {
		if (r->at[n] == '\\' && r->at[n + 1]) {
			n++;
		} else if (template && r->at[n] == '$' && r->at[n + 1] == '{') {
			if (r->depth == DEEPEST)
				return -EINVAL;
			r->of_template[r->depth++] = true;
			return add(r, TOKEN_TEXT, n + 2);
		} else if (r->at[n] == end && !class) {
			n++;
			while (end == '/' && is_word(r->at[n]))
				n++;
			return add(r, TOKEN_TEXT, n);
		}
		class = end == '/' && (r->at[n] == '[' || (class && r->at[n] != ']'));
	}
	return -EINVAL;
}

static int add_brace(struct reader *r)
{
	if (*r->at == '{') {
		if (r->depth == DEEPEST)
			return -EINVAL;
		r->of_template[r->depth++] = false;
		return add(r, TOKEN_SIGN, 1);
	}
	if (r->depth == 0)
		return -EINVAL;
	return r->of_template[--r->depth] ? add_until(r, '`', true) : add(r, TOKEN_SIGN, 1);
}

/* What divides stands behind a value, an expression behind none. */
static bool divides(const struct tokens *t)
{
	const struct token *before = t->n ? &t->of[t->n - 1] : NULL;
	return before && (before->kind != TOKEN_SIGN || strchr(")]}", *before->at));
}

static int add_word(struct reader *r)
{
	size_t n = 0;
	bool number = isdigit((unsigned char)*r->at) || *r->at == '.';
	while (is_word(r->at[n]) || (number && r->at[n] == '.'))
		n++;
	if (number && strchr("eE", r->at[n - 1]) && r->at[n] == '-')
		for (n++; isdigit((unsigned char)r->at[n]);)
			n++;
	return add(r, number ? TOKEN_TEXT : TOKEN_WORD, n);
}

static int add_sign(struct reader *r)
{
	static const char *const longer[] = { "...", "===", "!==", "**", "=>", "++",
					      "--",  "&&",  "||",  "==", "<=", ">=",
					      "+=",  "-=",  "*=",  "/=", ">>", "<<" };
	for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
		if (strncmp(r->at, longer[i], strlen(longer[i])) == 0)
			return add(r, TOKEN_SIGN, strlen(longer[i]));
	return add(r, TOKEN_SIGN, 1);
}

static int add_next(struct reader *r)
{
	char c = *r->at;
	if (c == '"' || c == '\'' || c == '`')
		return add_until(r, c, c == '`');
	if (c == '/' && !divides(r->tokens))
		return add_until(r, c, false);
	if (c == '{' || c == '}')
		return add_brace(r);
	if (is_word(c) || (c == '.' && isdigit((unsigned char)r->at[1])))
		return add_word(r);
	return add_sign(r);
}

int tokens_read(struct tokens *tokens, const char *script)
{
	struct reader r = { .tokens = tokens, .at = script };
	for (skip_blanks(&r); *r.at; skip_blanks(&r)) {
		int e = add_next(&r);
		if (e < 0)
			return e;
	}
	return r.depth ? -EINVAL : 0;
}

void tokens_free(struct tokens *tokens)
{
	free(tokens->of);
	*tokens = (struct tokens){ 0 };
}
