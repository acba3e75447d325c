/* What libraries say when a card has no memory left, read from the texts of their exceptions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes; CARD_UNSAID, as the ordinal, what is not in it. */
struct card_said {
	int ordinal;
	int64_t wanted, total, free, allocated, reserved;
};
enum { CARD_UNSAID = -1 };

/* Each: is that what the text says? Of the host's memory it is not. `said` is whole in any case. */
bool card_said_xla(const char *text, struct card_said *said); /* JAX */
bool card_said_tensorflow(const char *text, struct card_said *said);
bool card_said_torch(const char *text, struct card_said *said);

/* Of torch: not by its allocator, which tells of itself where it is watched, but by the driver or a
 * library beside it. */
bool card_said_beside_torch(const char *text);
