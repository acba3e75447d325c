#include "plotter/page/packed.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "share/base64.h"

static void add(struct packed *b, unsigned char byte)
{
	if (b->n == b->room) {
		size_t room = b->room ? 2 * b->room : 4096;
		unsigned char *more = realloc(b->of, room);
		b->failed |= !more;
		if (!more)
			return;
		b->of = more;
		b->room = room;
	}
	b->of[b->n++] = byte;
}

void packed_add(struct packed *b, int64_t value)
{
	uint64_t rest = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	for (; rest >= 0x80; rest >>= 7)
		add(b, (unsigned char)(rest | 0x80));
	add(b, (unsigned char)rest);
}

/* As a gzip file, which browsers read; without the time of its making. */
static int pack(const struct packed *plain, struct packed *packed)
{
	enum { GZIP = 16 + MAX_WBITS };
	z_stream z = { 0 };
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return -ENOMEM;
	size_t room = deflateBound(&z, (uLong)plain->n);
	packed->of = malloc(room);
	z.next_in = plain->of;
	z.avail_in = (uInt)plain->n;
	z.next_out = packed->of;
	z.avail_out = (uInt)room;
	int r = packed->of && deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -ENOMEM;
	packed->n = z.total_out;
	deflateEnd(&z);
	return r;
}

int packed_put(FILE *out, struct packed *packed)
{
	struct packed small = { 0 };
	int r = packed->failed ? -ENOMEM : packed->n ? pack(packed, &small) : 0;
	if (r == 0)
		base64_put(out, small.of, small.n);
	free(small.of);
	free(packed->of);
	*packed = (struct packed){ 0 };
	return r;
}
