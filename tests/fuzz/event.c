/* The records of a ring, however they are damaged: the input is what stands in the ring. What an
 * event points to lies within its record. */
#include "recorder/tree/event.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void look_at(const struct event *event, const uint8_t *record, size_t n)
{
	const struct fault *fault = &event->fault;
	PROMISE(event->kind < EVENT_KINDS);
	PROMISE(memchr(event->name, '\0', sizeof event->name) != NULL);
	if (event->kind == EVENT_MAP)
		PROMISE(strlen(event->path) < n);
	if (fault->stack)
		PROMISE(fault->stack >= record && fault->stack + fault->n_stack <= record + n);
	PROMISE(!fault->registers || fault->registers == event->registers);
}

static void parse_all(const uint8_t *records, size_t size, bool counted)
{
	struct event event;
	for (size_t at = 0, n; (n = event_parse(records + at, size - at, counted, &event)) > 0;
	     at += n)
		look_at(&event, records + at, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *records = malloc(size + 1);
	if (!records)
		return 0;
	memcpy(records, data, size);
	parse_all(records, size, false);
	parse_all(records, size, true);
	free(records);
	return 0;
}
