/* The bill of a torch that fails, or is ended by a card. */
#include <stdlib.h>

#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

static const int64_t LONGEST = 4000000000; /* ns for a bill */

/* The card's own size: torch tells what is allowed where that is less. -1: nobody tells. */
static int64_t capacity_of(const struct card_failure *f)
{
	PyObject *cudart = object_of_module("torch._C", "_cudart");
	PyObject *both =
		cudart ? PyObject_CallMethod(cudart, "cudaMemGetInfo", "i", f->ordinal) : NULL;
	PyObject *total = both ? PyTuple_GetItem(both, 1) : NULL;
	if (total)
		Py_IncRef(total);
	int64_t bytes = object_taken(total, CARD_UNKNOWN);
	if (both)
		Py_DecRef(both);
	PyErr_Clear();
	if (bytes < f->told)
		bytes = f->device.total - f->told > f->told / 50 ? f->device.total : f->told;
	return bytes;
}

static void owe_classes(struct card_text *text, const struct card_failure *f,
			const struct card_bill *bill)
{
	static const char *const words[CARD_KINDS] = { "weights", "gradients", "optimizer",
						       "buffers" };
	int64_t found = 0;
	for (int i = 0; i < CARD_KINDS; i++) {
		card_owe(text, f, words[i], bill->bytes[i], bill->cut ? "at least" : "-");
		found += bill->bytes[i];
	}
	int64_t left = bill->pool->allocated - found;
	card_owe(text, f, "activations", left > 0 ? left : 0, bill->cut ? "at most" : "-");
	card_owe(text, f, "unused", bill->pool->reserved - bill->pool->allocated, "-");
}

/* What torch and the driver tell at once. Returns the card's size. */
static int64_t owe_sums(struct card_text *text, const struct card_failure *f,
			const struct card_pool *pool)
{
	int64_t total = capacity_of(f);
	card_owe(text, f, "total", total, "-");
	card_owe(text, f, "free", f->free, "-");
	if (total > f->told + f->told / 100)
		card_owe(text, f, "allowed", f->told, "-");
	if (pool->known) {
		card_owe(text, f, "allocated", pool->allocated, "-");
		card_owe(text, f, "reserved", pool->reserved, "-");
	}
	return total;
}

void card_owe_torch(struct card_text *text, const struct card_failure *f, int64_t began, bool whole)
{
	struct card_pool pool = { 0 };
	struct card_bill bill = { &pool, f->ordinal, began + LONGEST, 0, { 0 } };
	if (whole)
		card_pool_read(&pool, f->ordinal);
	else
		card_pool_sums(&pool, f->ordinal);
	int64_t total = owe_sums(text, f, &pool);
	if (whole && pool.known) {
		if (card_bill_make(&bill))
			owe_classes(text, f, &bill);
		card_owe_rest(text, f, total, pool.reserved);
	}
	free(pool.blocks);
}
