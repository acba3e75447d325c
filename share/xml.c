#include "share/xml.h"

#include "share/text.h"

void xml_text(FILE *out, const char *text)
{
	for (const char *next = text; *text; text = next) {
		uint32_t c = text_next(&next);
		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == TEXT_REPLACEMENT || !text_is_printable(c))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, (size_t)(next - text), out);
	}
}
