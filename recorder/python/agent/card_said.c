#include "recorder/python/agent/card_said.h"

#include <stdlib.h>
#include <string.h>

static const struct card_said nothing = { CARD_UNSAID, CARD_UNSAID, CARD_UNSAID,
					  CARD_UNSAID, CARD_UNSAID, CARD_UNSAID };

/* "256.00GiB", "1.53 GiB", "1073741824 bytes", "33554432B": in bytes. */
static int64_t size_of(const char *text)
{
	static const char units[] = "KMGTP";
	char *end;
	if (*text < '0' || *text > '9')
		return CARD_UNSAID;
	double amount = strtod(text, &end);
	if (!(amount >= 0) || amount > 1e15)
		return CARD_UNSAID;
	end += *end == ' ';
	const char *unit = *end && strncmp(end + 1, "iB", 2) == 0 ? strchr(units, *end) : NULL;
	for (; unit && unit >= units; unit--)
		amount *= 1024;
	return amount < 1e18 ? (int64_t)amount : CARD_UNSAID;
}

static int64_t after(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	return at ? size_of(at + strlen(words)) : CARD_UNSAID;
}

/* "6.33 GiB already allocated": the figure that stands before the words. */
static int64_t before(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	while (at > text && at[-1] != '(' && at[-1] != ';' && at[-1] != ',')
		at--;
	if (!at)
		return CARD_UNSAID;
	return size_of(at + strspn(at, " "));
}

static int ordinal_after(const char *text, const char *words)
{
	int64_t number = after(text, words);
	return number >= 0 && number < 1024 ? (int)number : CARD_UNSAID;
}

static bool has(const char *text, const char *words)
{
	return strstr(text, words);
}

/* ---- JAX ---- */

/* "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 7406166528 bytes.", "… allocating N
 * bytes", "Failed to allocate request for 2.99GiB (3206250496B) on device ordinal 0"; before 2022
 * "Resource exhausted: …". */
bool card_said_xla(const char *text, struct card_said *said)
{
	const char *request = strstr(text, "allocate request for ");
	const char *exact = request ? strchr(request, '(') : NULL;
	*said = nothing;
	if (!has(text, "RESOURCE_EXHAUSTED") && !has(text, "Resource exhausted"))
		return false;
	if (!request && !has(text, "ut of memory"))
		return false;
	if (exact)
		said->wanted = size_of(exact + 1);
	else if (request)
		said->wanted = after(text, "allocate request for ");
	else
		said->wanted = after(text, "allocate ");
	if (said->wanted < 0)
		said->wanted = after(text, "allocating ");
	said->ordinal = ordinal_after(text, "on device ordinal ");
	if (said->ordinal < 0)
		said->ordinal = ordinal_after(text, "on device ");
	return true;
}

/* ---- TensorFlow ---- */

static int64_t width_of(const char *type)
{
	static const struct {
		const char *name;
		int64_t bytes;
	} widths[] = {
		{ "float ", 4 }, { "double ", 8 },    { "half ", 2 },        { "bfloat16 ", 2 },
		{ "int32 ", 4 }, { "int64 ", 8 },     { "uint32 ", 4 },      { "uint64 ", 8 },
		{ "int16 ", 2 }, { "uint16 ", 2 },    { "int8 ", 1 },        { "uint8 ", 1 },
		{ "bool ", 1 },  { "complex64 ", 8 }, { "complex128 ", 16 },
	};
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
		if (strncmp(type, widths[i].name, strlen(widths[i].name)) == 0)
			return widths[i].bytes;
	return CARD_UNSAID;
}

/* "shape[16,112,112,147] and type float" */
static int64_t tensor_of(const char *text)
{
	const char *at = strstr(text, "shape["), *type = at ? strstr(at, "] and type ") : NULL;
	int64_t bytes = type ? width_of(type + strlen("] and type ")) : CARD_UNSAID;
	for (at = at ? at + strlen("shape[") : NULL; bytes > 0 && at < type;) {
		char *end;
		long long side = strtoll(at, &end, 10);
		if (end == at || side < 0 || (side > 0 && bytes > INT64_MAX / 64 / side))
			return CARD_UNSAID;
		bytes *= side;
		at = *end == ',' ? end + 1 : end;
	}
	return bytes;
}

/* "OOM when allocating tensor with shape[…] and type float on /job:…/device:GPU:0 by allocator
 * GPU_0_bfc", "failed to allocate memory [Op:AddV2]", and of what XLA compiled as JAX says it. */
bool card_said_tensorflow(const char *text, struct card_said *said)
{
	const bool is_xla = card_said_xla(text, said);
	if (has(text, "device:CPU:") || has(text, "by allocator cpu"))
		return false;
	if (!is_xla && !has(text, "OOM when allocating") &&
	    !has(text, "failed to allocate memory") && !has(text, "ut of memory"))
		return false;
	if (said->wanted < 0)
		said->wanted = tensor_of(text);
	if (said->ordinal < 0)
		said->ordinal = ordinal_after(text, "device:GPU:");
	return true;
}

/* ---- torch ---- */

bool card_said_beside_torch(const char *text)
{
	static const char *const words[] = {
		"CUBLAS_STATUS_ALLOC_FAILED",         "CUDNN_STATUS_ALLOC_FAILED",
		"CUSPARSE_STATUS_ALLOC_FAILED",       "CUSOLVER_STATUS_ALLOC_FAILED",
		"CUDA error: out of memory",          "HIP error: out of memory",
		"cudaErrorMemoryAllocation",          "hipErrorOutOfMemory",
		"HIPBLAS_STATUS_ALLOC_FAILED",        "CUDA driver error: out of memory",
		"Triton Error [CUDA]: out of memory", "Triton Error [HIP]: out of memory",
		"Cuda failure 'out of memory'",       "Cuda failure 2 'out of memory'", /* NCCL's */
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (has(text, words[i]))
			return true;
	return false;
}

/* Until 2.0: "(GPU 0; 7.80 GiB total capacity; 6.33 GiB already allocated; 14.62 MiB free; 6.45 GiB
 * reserved in total by PyTorch)". From 2.1 on, where 2.1 and 2.2 write "capacty": "GPU 0 has a
 * total capacity of 7.80 GiB of which 14.62 MiB is free. […] Of the allocated memory 6.33 GiB is
 * allocated by PyTorch, and 120.00 MiB is reserved by PyTorch but unallocated." */
bool card_said_torch(const char *text, struct card_said *said)
{
	*said = nothing;
	if (!has(text, "CUDA out of memory") && !has(text, "HIP out of memory"))
		return card_said_beside_torch(text);
	said->wanted = after(text, "Tried to allocate ");
	said->ordinal = ordinal_after(text, "GPU ");
	said->total = before(text, " total capacity");
	if (said->total >= 0) {
		said->allocated = before(text, " already allocated");
		said->free = before(text, " free;");
		said->reserved = before(text, " reserved in total");
		return true;
	}
	said->total = after(text, "total capacity of ");
	if (said->total < 0)
		said->total = after(text, "total capacty of ");
	said->free = after(text, "of which ");
	said->allocated = after(text, "Of the allocated memory ");
	int64_t unused = after(text, "by PyTorch, and ");
	if (unused < 0)
		unused = after(text, "private pools (e.g., CUDA Graphs), and ");
	if (said->allocated >= 0 && unused >= 0)
		said->reserved = said->allocated + unused;
	return true;
}
