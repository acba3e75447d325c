#include "recorder/python/characters.h"

#include <string.h>

/* The width stands in three bits, then "compact" and "ASCII", behind two bits, or behind a byte or
 * two where threads run without a lock (3.14). */
bool characters_shape(uint32_t state, struct characters *shape)
{
	static const unsigned places[] = { 2, 8, 16 };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		uint32_t bits = state >> places[i];
		*shape = (struct characters){ bits & 7, bits >> 3 & 1, bits >> 4 & 1 };
		if (shape->width == 1 || shape->width == 2 || shape->width == 4)
			return true;
	}
	return false;
}

static char *put_code_point(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	} else {
		*out++ = (char)(0xf0 | (c >> 18 & 7));
		*out++ = (char)(0x80 | (c >> 12 & 63));
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	}
	return out;
}

size_t characters_to_utf8(char *text, const uint8_t *characters, size_t n, unsigned width)
{
	char *out = text;
	for (size_t i = 0; i < n; i++) {
		uint32_t c = 0;
		memcpy(&c, characters + i * width, width);
		if (c >= 0xdc80 && c <= 0xdcff)
			*out++ = (char)(c - 0xdc00);
		else if (c != 0)
			out = put_code_point(out, c);
	}
	*out = '\0';
	return (size_t)(out - text);
}
