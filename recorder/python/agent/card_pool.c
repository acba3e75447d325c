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

static bool read_snapshot(struct card_pool *pool, int ordinal)
{
	PyObject *snapshot = snapshot_of();
	PyObject *segments = snapshot ? PyDict_GetItemString(snapshot, "segments") : NULL;
	ssize_t n = segments ? PyList_Size(segments) : -1;
	bool read = n >= 0;
	for (ssize_t i = 0; i < n && read; i++) {
		PyObject *segment = PyList_GetItem(segments, i);
		if (segment && number(segment, "device") == ordinal)
			read = read_segment(pool, segment);
	}
	if (snapshot)
		Py_DecRef(snapshot);
	PyErr_Clear();
	if (pool->n > 0)
		qsort(pool->blocks, pool->n, sizeof *pool->blocks, by_address);
	return read;
}

/* A program that keeps the pool's history would wait for all of that to be named, which takes
 * minutes. */
static bool has_history(void)
{
	PyObject *ask = object_of_module("torch._C", "_cuda_isHistoryEnabled");
	PyObject *has = ask ? PyObject_CallObject(ask, NULL) : NULL;
	bool kept = has && PyObject_IsTrue(has) == 1;
	if (has)
		Py_DecRef(has);
	PyErr_Clear();
	return kept;
}

/* stats[name]["all"]["current"] */
static int64_t current(PyObject *stats, const char *name)
{
	PyObject *all = PyDict_GetItemString(stats, name);
	all = all ? PyDict_GetItemString(all, "all") : NULL;
	return all ? number(all, "current") : -1;
}

/* Its sums alone, as those pools tell that have no blocks of their own. */
static bool read_sums(struct card_pool *pool, int ordinal)
{
	PyObject *ask = object_of_module("torch._C", "_cuda_memoryStats");
	PyObject *stats = ask ? PyObject_CallFunction(ask, "i", ordinal) : NULL;
	PyErr_Clear();
	if (!stats)
		return false;
	free(pool->blocks);
	*pool = (struct card_pool){ .allocated = current(stats, "allocated_bytes"),
				    .reserved = current(stats, "reserved_bytes") };
	Py_DecRef(stats);
	PyErr_Clear();
	return pool->allocated >= 0 && pool->reserved >= pool->allocated;
}

void card_pool_read(struct card_pool *pool, int ordinal)
{
	pool->has_blocks = !has_history() && read_snapshot(pool, ordinal);
	pool->known = pool->has_blocks || read_sums(pool, ordinal);
}

void card_pool_sums(struct card_pool *pool, int ordinal)
{
	pool->known = read_sums(pool, ordinal);
}

static struct card_block *find(const struct card_pool *pool, uint64_t address)
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

/* Without blocks: each address once, in a table with open addressing. */
static bool is_new(struct card_pool *pool, uint64_t address)
{
	if (2 * pool->n >= pool->room) {
		struct card_pool larger = { .room = pool->room ? 2 * pool->room : 4096 };
		larger.blocks = calloc(larger.room, sizeof *larger.blocks);
		if (!larger.blocks)
			return false;
		for (size_t i = 0; i < pool->room; i++)
			if (pool->blocks[i].at)
				is_new(&larger, pool->blocks[i].at);
		free(pool->blocks);
		pool->blocks = larger.blocks;
		pool->room = larger.room;
	}
	size_t i = (size_t)(address >> 9) * 2654435761u & (pool->room - 1);
	while (pool->blocks[i].at && pool->blocks[i].at != address)
		i = (i + 1) & (pool->room - 1);
	if (pool->blocks[i].at)
		return false;
	pool->blocks[i].at = address;
	pool->n++;
	return true;
}

bool card_pool_claim(struct card_pool *pool, uint64_t address, int64_t size, int64_t *bytes)
{
	struct card_block *block = pool->has_blocks ? find(pool, address) : NULL;
	*bytes = 0;
	if (size <= 0 || size > pool->allocated || address == 0)
		return false;
	if (!pool->has_blocks)
		*bytes = is_new(pool, address) ? size : 0;
	else if (block && !block->taken)
		*bytes = size < block->size ? size : block->size;
	if (block)
		block->taken = true;
	return block || !pool->has_blocks;
}
