#include "plotter/export/proto.h"

#include <stdlib.h>
#include <string.h>

#include "share/text.h"

enum { FIRST = 256, VARINT = 10 };
enum { WIRE_VARINT = 0, WIRE_LENGTH = 2 };

/* Room for so many bytes more; false: there is none. */
static bool reserve(struct proto *proto, size_t n)
{
	if (proto->n + n <= proto->room)
		return true;
	size_t room = proto->room ? proto->room : FIRST;
	while (room < proto->n + n)
		room *= 2;
	char *bytes = realloc(proto->bytes, room);
	if (!bytes) {
		proto->failed = true;
		return false;
	}
	proto->bytes = bytes;
	proto->room = room;
	return true;
}

static void varint(struct proto *proto, uint64_t value)
{
	if (!reserve(proto, VARINT))
		return;
	for (; value >= 0x80; value >>= 7)
		proto->bytes[proto->n++] = (char)(value | 0x80);
	proto->bytes[proto->n++] = (char)value;
}

static void bytes(struct proto *proto, unsigned field, const char *from, size_t n)
{
	varint(proto, field << 3 | WIRE_LENGTH);
	varint(proto, n);
	if (n > 0 && reserve(proto, n)) {
		memcpy(proto->bytes + proto->n, from, n);
		proto->n += n;
	}
}

void proto_clear(struct proto *proto)
{
	proto->n = 0;
}

void proto_free(struct proto *proto)
{
	free(proto->bytes);
	*proto = (struct proto){ 0 };
}

void proto_number(struct proto *proto, unsigned field, uint64_t value)
{
	varint(proto, field << 3 | WIRE_VARINT);
	varint(proto, value);
}

void proto_text(struct proto *proto, unsigned field, const char *text)
{
	char *shown = text_printable(text);
	if (shown)
		bytes(proto, field, shown, strlen(shown));
	else
		proto->failed = true;
	free(shown);
}

void proto_message(struct proto *proto, unsigned field, const struct proto *inner)
{
	proto->failed |= inner->failed;
	bytes(proto, field, inner->bytes, inner->n);
}
