/* What was pressed. */
#pragma once

#include <stddef.h>

enum key {
	KEY_NONE, /* nothing, or not all of it yet */
	KEY_TEXT, /* a character, in `text` */
	KEY_LEFT,
	KEY_RIGHT,
	KEY_ENTER,
	KEY_ERASE,
	KEY_ESCAPE,
	KEY_OTHER, /* one that means nothing here */
};

struct keys {
	char bytes[256];
	size_t n;
};

/* What a read(2) has brought, for at most so many bytes. */
char *keys_room(struct keys *keys, size_t *n);

/* The next one, taken out; `text` holds a character in UTF-8, or a control character. KEY_NONE
 * where nothing whole is left: at the end of a read an escape alone is the key. */
enum key keys_next(struct keys *keys, char text[8]);
