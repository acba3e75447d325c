#include "share/json.h"

#include <stdint.h>

#include "share/text.h"

void json_text(FILE *out, const char *text)
{
	putc('"', out);
	while (*text) {
		const char *at = text;
		uint32_t c = text_next(&text);
		if (c < 0x20 || c == 0x7f || c == TEXT_REPLACEMENT)
			fprintf(out, "\\u%04x", (unsigned)c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else
			fwrite(at, 1, (size_t)(text - at), out);
	}
	putc('"', out);
}
