#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"

enum { MOST = 64 << 10, LONGEST = 2048 };

void card_put(struct card_text *text, const char *format, ...)
{
	char line[LONGEST];
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(line, sizeof line - 1, format, arguments);
	va_end(arguments);
	if (n < 0 || n >= (int)sizeof line - 1)
		return;
	line[n++] = '\n';
	if (text->n + (size_t)n > text->room) {
		size_t room = text->room ? 2 * text->room : LONGEST;
		char *more = room <= MOST ? realloc(text->text, room) : NULL;
		if (!more)
			return;
		text->text = more;
		text->room = room;
	}
	memcpy(text->text + text->n, line, (size_t)n);
	text->n += (size_t)n;
}

char *card_field(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text && *text ? text : "?");
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	return out;
}

void card_pass_on(struct card_text *text)
{
	struct agent_card *card =
		text->n > 0 ? agent_room(sizeof *card + text->n, AGENT_CARD) : NULL;
	if (card) {
		memcpy(card->lines, text->text, text->n);
		card->text = (uint32_t)text->n;
		atomic_store_explicit(&card->ready, 1, memory_order_release);
		atomic_fetch_add(&agent_shared->n_cards, 1);
	}
	free(text->text);
	*text = (struct card_text){ 0 };
}
