#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

/* torch._C._cuda_memorySnapshot: {"segments": [{"device", "address", "total_size",
 * "allocated_size", "blocks": [{"size", "state"}, …]}, …]}, the blocks of a segment one behind the
 * other. Source: pytorch/pytorch torch/csrc/cuda/Module.cpp. */

static long long number(PyObject *of, const char *key)
{
	PyObject *value = PyDict_GetItemString(of, key);
	if (value)
		Py_IncRef(value);
	return object_taken(value, -1);
}

static bool is_in_use(PyObject *block)
{
	PyObject *state = PyDict_GetItemString(block, "state");
	const char *text = state ? PyUnicode_AsUTF8AndSize(state, NULL) : NULL;
	return text && strcmp(text, "active_allocated") == 0;
}

static bool add_block(struct card_pool *pool, uint64_t at, int64_t size)
{
	if (pool->n == pool->room) {
		size_t room = pool->room ? 2 * pool->room : 1024;
		struct card_block *more = realloc(pool->blocks, room * sizeof *more);
		if (!more)
			return false;
		pool->blocks = more;
		pool->room = room;
	}
	pool->blocks[pool->n++] = (struct card_block){ at, size, 0 };
	return true;
}

static bool read_segment(struct card_pool *pool, PyObject *segment)
{
	PyObject *blocks = PyDict_GetItemString(segment, "blocks");
	uint64_t at = (uint64_t)number(segment, "address");
	long long total = number(segment, "total_size");
	if (!blocks || total < 0)
		return false;
	pool->reserved += total;
	for (ssize_t i = 0; i < PyList_Size(blocks); i++) {
		PyObject *block = PyList_GetItem(blocks, i);
		long long size = block ? number(block, "size") : -1;
		if (size < 0)
			return false;
		if (is_in_use(block)) {
			pool->allocated += size;
			if (!add_block(pool, at, size))
				return false;
		}
		at += (uint64_t)size;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct card_block *one = a, *other = b;
	return (one->at > other->at) - (one->at < other->at);
}

/* Of versions that let choose a part of the state, all of it; earlier ones take no argument. */
static PyObject *snapshot_of(void)
{
	PyObject *take = object_of_module("torch._C", "_cuda_memorySnapshot");
	PyObject *snapshot = take ? PyObject_CallFunction(take, "(O)", &_Py_NoneStruct) : NULL;
	PyErr_Clear();
	if (take && !snapshot)
		snapshot = PyObject_CallObject(take, NULL);
	PyErr_Clear();
	return snapshot;
}

void card_pool_read(struct card_pool *pool, int ordinal)
{
	PyObject *snapshot = snapshot_of();
	PyObject *segments = snapshot ? PyDict_GetItemString(snapshot, "segments") : NULL;
	ssize_t n = segments ? PyList_Size(segments) : 0;
	pool->known = n > 0;
	for (ssize_t i = 0; i < n && pool->known; i++) {
		PyObject *segment = PyList_GetItem(segments, i);
		if (segment && number(segment, "device") == ordinal)
			pool->known = read_segment(pool, segment);
	}
	if (snapshot)
		Py_DecRef(snapshot);
	PyErr_Clear();
	if (pool->n > 0)
		qsort(pool->blocks, pool->n, sizeof *pool->blocks, by_address);
}

struct card_block *card_pool_find(const struct card_pool *pool, uint64_t address)
{
	size_t low = 0, high = pool->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (pool->blocks[middle].at <= address)
			low = middle + 1;
		else
			high = middle;
	}
	struct card_block *block = low > 0 ? &pool->blocks[low - 1] : NULL;
	return block && address - block->at < (uint64_t)block->size ? block : NULL;
}
