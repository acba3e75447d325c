#include "share/json.h"

#include <stdint.h>

#include "share/text.h"

/* Beyond the 65,536 that four digits can name, two stand for one. */
static void put_escape(FILE *out, uint32_t c)
{
	if (c > 0xffff)
		fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)),
			(unsigned)(0xdc00 | (c & 0x3ff)));
	else
		fprintf(out, "\\u%04x", (unsigned)c);
}

void json_text(FILE *out, const char *text)
{
	putc('"', out);
	while (*text) {
		const char *at = text;
		uint32_t c = text_next(&text);
		if (!text_is_printable(c) || c == TEXT_REPLACEMENT)
			put_escape(out, c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else
			fwrite(at, 1, (size_t)(text - at), out);
	}
	putc('"', out);
}

void json_text_or_null(FILE *out, const char *text)
{
	if (text)
		json_text(out, text);
	else
		fputs("null", out);
}
