#include "plotter/page/embed/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One word, wherever it stands as a variable's or a property's name. */
struct name {
	const struct token *first;
	size_t n;
	bool declared, kept;
};

struct names {
	struct tokens *tokens;
	struct name *of; /* as many as there are words, at most */
	size_t n;
	size_t *of_word; /* by the token */
};

static bool is(const struct tokens *t, size_t i, const char *text)
{
	return i < t->n && t->of[i].kind == TOKEN_SIGN && token_is(&t->of[i], text);
}

static bool is_word(const struct tokens *t, size_t i, const char *text)
{
	return i < t->n && t->of[i].kind == TOKEN_WORD && token_is(&t->of[i], text);
}

static bool is_property(const struct tokens *t, size_t i)
{
	return i > 0 && is(t, i - 1, ".");
}

static bool opens(const struct token *token)
{
	return token->kind == TOKEN_SIGN
		       ? strchr("([{", *token->at) && token->n == 1
		       : token->at[token->n - 1] == '{' && token->at[token->n - 2] == '$';
}

static bool closes(const struct token *token)
{
	return token->kind == TOKEN_SIGN ? strchr(")]}", *token->at) && token->n == 1
					 : *token->at == '}';
}

static int collect(struct names *n)
{
	struct tokens *t = n->tokens;
	n->of = calloc(t->n + 1, sizeof *n->of);
	n->of_word = calloc(t->n + 1, sizeof *n->of_word);
	if (!n->of || !n->of_word)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct token *word = &t->of[i];
		size_t k = 0;
		if (word->kind != TOKEN_WORD)
			continue;
		while (k < n->n && (n->of[k].first->n != word->n ||
				    memcmp(n->of[k].first->at, word->at, word->n) != 0))
			k++;
		if (k == n->n)
			n->of[n->n++].first = word;
		n->of[k].n += !is_property(t, i);
		n->of_word[i] = k;
	}
	return 0;
}

/* The names in a pattern, or a list of parameters, from its bracket on; those in braces are
 * properties' too. */
static void declare_pattern(struct names *n, size_t i)
{
	struct tokens *t = n->tokens;
	int depth = 0;
	do {
		depth += opens(&t->of[i]) - closes(&t->of[i]);
		if (t->of[i].kind == TOKEN_WORD && (is(t, i - 1, "(") || is(t, i - 1, "[") ||
						    is(t, i - 1, ",") || is(t, i - 1, "...")))
			n->of[n->of_word[i]].declared = true;
	} while (depth > 0 && ++i < t->n);
}

/* From const or let on to the end of the statement: each name, and each pattern. */
static void declare_statement(struct names *n, size_t i)
{
	struct tokens *t = n->tokens;
	int depth = 0;
	for (size_t k = i + 1;
	     k < t->n && depth >= 0 && !(depth == 0 && (is(t, k, ";") || is_word(t, k, "of")));
	     k++) {
		bool begins = depth == 0 && (k == i + 1 || is(t, k - 1, ","));
		if (begins && t->of[k].kind == TOKEN_WORD)
			n->of[n->of_word[k]].declared = true;
		else if (begins && is(t, k, "["))
			declare_pattern(n, k);
		depth += opens(&t->of[k]) - closes(&t->of[k]);
	}
}

static void declare_parameters(struct names *n, size_t arrow)
{
	struct tokens *t = n->tokens;
	int depth = 0;
	size_t i = arrow - 1;
	if (t->of[i].kind == TOKEN_WORD)
		n->of[n->of_word[i]].declared = true;
	if (!is(t, i, ")"))
		return;
	for (depth = 1; depth > 0 && i > 0;) {
		i--;
		depth += closes(&t->of[i]) - opens(&t->of[i]);
	}
	if (depth == 0)
		declare_pattern(n, i);
}

/* Braces of an object or of a pattern, not of a block. */
static bool holds_properties(const struct tokens *t, size_t i)
{
	static const char *const before[] = { "(", ",", "=", ":", "[", "?", "..." };
	if (!is(t, i, "{") || i == 0)
		return false;
	for (size_t k = 0; k < sizeof before / sizeof *before; k++)
		if (is(t, i - 1, before[k]))
			return true;
	if (t->of[i - 1].kind == TOKEN_TEXT) /* of a template */
		return true;
	return is_word(t, i - 1, "const") || is_word(t, i - 1, "let") ||
	       is_word(t, i - 1, "return");
}

/* { name, other: … } names properties. */
static void keep_properties(struct names *n)
{
	enum { DEEPEST = 256 };
	struct tokens *t = n->tokens;
	size_t depth = 0;
	bool properties[DEEPEST] = { false };
	for (size_t i = 1; i < t->n; i++) {
		bool first = is(t, i - 1, "{") || is(t, i - 1, ",");
		bool last = is(t, i + 1, ",") || is(t, i + 1, "}") || is(t, i + 1, ":") ||
			    is(t, i + 1, "=");
		if (opens(&t->of[i]))
			properties[++depth % DEEPEST] = holds_properties(t, i);
		else if (closes(&t->of[i]))
			depth--;
		else if (t->of[i].kind == TOKEN_WORD && properties[depth % DEEPEST] && first &&
			 last)
			n->of[n->of_word[i]].kept = true;
	}
}

static void declare(struct names *n)
{
	struct tokens *t = n->tokens;
	for (size_t i = 0; i < t->n; i++) {
		if (is_word(t, i, "const") || is_word(t, i, "let"))
			declare_statement(n, i);
		if (i > 0 && is(t, i, "=>"))
			declare_parameters(n, i);
	}
}

void name_write(char to[static NAME_SHORT], int short_as)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	int n = sizeof letters - 1;
	to[0] = letters[short_as % n];
	to[1] = short_as < n ? 0 : letters[(short_as / n - 1) % n];
	to[2] = 0;
}

/* Of a word that keeps its name, and of the language: those of two letters. */
static bool is_taken(const struct names *n, const char *name)
{
	static const char *const words[] = { "do", "if", "in", "of", "as" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	for (size_t i = 0; i < n->n; i++)
		if ((!n->of[i].declared || n->of[i].kept) && token_is(n->of[i].first, name))
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	const struct name *one = *(const struct name *const *)a,
			  *other = *(const struct name *const *)b;
	if (one->n != other->n)
		return one->n < other->n ? 1 : -1;
	return one->first < other->first ? -1 : 1;
}

static int give(struct names *n)
{
	struct tokens *t = n->tokens;
	struct name **order = calloc(n->n + 1, sizeof *order);
	int *given = calloc(n->n + 1, sizeof *given), next = 0;
	for (size_t i = 0; order && i < n->n; i++)
		order[i] = &n->of[i];
	if (order)
		qsort(order, n->n, sizeof *order, by_number);
	for (size_t i = 0; order && given && i < n->n; i++) {
		char name[NAME_SHORT];
		given[order[i] - n->of] = -1;
		if (!order[i]->declared || order[i]->kept)
			continue;
		for (name_write(name, next); is_taken(n, name); name_write(name, next))
			next++;
		given[order[i] - n->of] = next++;
	}
	for (size_t i = 0; order && given && i < t->n; i++)
		if (t->of[i].kind == TOKEN_WORD && !is_property(t, i))
			t->of[i].short_as = given[n->of_word[i]];
	int r = order && given ? 0 : -ENOMEM;
	free(order);
	free(given);
	return r;
}

int names_shorten(struct tokens *tokens)
{
	struct names n = { .tokens = tokens };
	int r = collect(&n);
	if (r == 0) {
		declare(&n);
		keep_properties(&n);
		r = give(&n);
	}
	free(n.of);
	free(n.of_word);
	return r;
}
