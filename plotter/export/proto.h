/* Protocol buffers' wire format, written by hand: a message as bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proto { /* {0} to begin with */
	char *bytes;
	size_t n, room;
	bool failed; /* there was no memory: it lacks something */
};

void proto_clear(struct proto *proto); /* keeps the room */
void proto_free(struct proto *proto);

void proto_number(struct proto *proto, unsigned field, uint64_t value); /* a varint */
void proto_text(struct proto *proto, unsigned field, const char *text); /* as it may be shown */
void proto_message(struct proto *proto, unsigned field, const struct proto *inner);
