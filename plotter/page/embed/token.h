/* What a script consists of. For the build alone. */
#ifndef PAGE_EMBED_TOKEN_H
#define PAGE_EMBED_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind { TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	const char *at; /* of the script that was read */
	size_t n;
	bool new_line; /* one stands before it */
	int short_as;  /* of a word: which of the short names it has; -1: its own */
};

struct tokens {
	struct token *of;
	size_t n, room;
};

/* Adds those of a script, which has to outlive them. Comments are none. A text is a string, a
 * number, a regular expression, or a piece of a template up to "${" or from "}" on. -ENOMEM, or
 * -EINVAL for a text that has no end. Empty: {0}; given back by tokens_free. */
int tokens_read(struct tokens *tokens, const char *script);
void tokens_free(struct tokens *tokens);

bool token_is(const struct token *token, const char *text);

#endif
