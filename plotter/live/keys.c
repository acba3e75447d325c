#include "plotter/live/keys.h"

#include <stdbool.h>
#include <string.h>

char *keys_room(struct keys *keys, size_t *n)
{
	if (keys->n == sizeof keys->bytes)
		keys->n = 0; /* nobody presses so much: pasted, or noise */
	*n = sizeof keys->bytes - keys->n;
	return keys->bytes + keys->n;
}

static void drop(struct keys *keys, size_t n)
{
	memmove(keys->bytes, keys->bytes + n, keys->n - n);
	keys->n -= n;
}

/* How long the sequence is that stands at the beginning: ECMA-48's CSI, or SS3; 0: it has no end
 * yet. */
static size_t sequence(const struct keys *keys)
{
	const char *b = keys->bytes;
	if (keys->n < 2 || (b[1] != '[' && b[1] != 'O'))
		return 1;
	if (b[1] == 'O')
		return keys->n < 3 ? 0 : 3;
	for (size_t i = 2; i < keys->n; i++)
		if (b[i] >= 0x40 && b[i] <= 0x7e)
			return i + 1;
	return 0;
}

/* Of one that means nothing to us all that stands there is taken, and nothing told. */
static enum key escaped(struct keys *keys)
{
	size_t n = sequence(keys);
	if (n == 0)
		return KEY_NONE;
	char last = keys->bytes[n - 1];
	drop(keys, n);
	return n == 1 ? KEY_ESCAPE : last == 'D' ? KEY_LEFT : last == 'C' ? KEY_RIGHT : KEY_OTHER;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Of the character in UTF-8 that stands at the beginning; of what is none, a byte. 0: not all of it
 * is there yet. */
static size_t length(const struct keys *keys)
{
	unsigned char first = (unsigned char)keys->bytes[0];
	if (first < 0xc2 || first > 0xf4)
		return 1;
	size_t n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++) {
		if (i == keys->n)
			return 0;
		if (!continues(keys->bytes[i]))
			return 1;
	}
	return n;
}

enum key keys_next(struct keys *keys, char text[8])
{
	memset(text, 0, 8);
	if (keys->n == 0)
		return KEY_NONE;
	unsigned char first = (unsigned char)keys->bytes[0];
	if (first == 0x1b)
		return escaped(keys);
	size_t n = length(keys);
	if (n == 0)
		return KEY_NONE;
	bool none = n == 1 && first >= 0x80;
	if (!none)
		memcpy(text, keys->bytes, n);
	drop(keys, n);
	if (none)
		return KEY_OTHER;
	if (first == '\r' || first == '\n')
		return KEY_ENTER;
	if (first == 0x7f || first == 0x08)
		return KEY_ERASE;
	return KEY_TEXT;
}
