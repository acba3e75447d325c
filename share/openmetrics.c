#include "share/openmetrics.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

#include "share/text.h"

const char *openmetrics_word(char word[OPENMETRICS_WORD], const char *metric)
{
	size_t n = 0;
	for (; metric[n] && n < OPENMETRICS_WORD - 1; n++)
		word[n] = (char)(isalnum((unsigned char)metric[n]) ? metric[n] : '_');
	word[n] = '\0';
	return word;
}

static void put_code_point(FILE *out, uint32_t c)
{
	if (c < 0x80) {
		fputc((int)c, out);
	} else if (c < 0x800) {
		fprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		fprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)),
			(int)(0x80 | (c & 0x3f)));
	} else {
		fprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
			(int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
	}
}

void openmetrics_label(FILE *out, const char *before, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", before, name);
	for (uint32_t c; (c = text_next(&value)) != 0;) {
		if (c == '"' || c == '\\')
			fputc('\\', out);
		if (c == '\n')
			fputs("\\n", out);
		else
			put_code_point(out, c);
	}
	fputc('"', out);
}
