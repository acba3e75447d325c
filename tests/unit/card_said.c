/* What libraries say when a card has no memory left, in the words that each version has had. */
#include "recorder/python/agent/card_said.h"
#include "tests/check.h"

static const int64_t MIB = 1 << 20, GIB = 1 << 30;

static void jax(void)
{
	struct card_said s;
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 7406166528 "
			    "bytes.\nBufferAssignment OOM Debugging.\nBufferAssignment stats:\n   "
			    "parameter allocation:  372.76MiB",
			    &s));
	CHECK(s.wanted == 7406166528 && s.ordinal == CARD_UNSAID);
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Out of memory allocating 17179869184 bytes.", &s));
	CHECK(s.wanted == 17179869184);
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Failed to allocate request for 2.99GiB "
			    "(3206250496B) on device ordinal 3",
			    &s));
	CHECK(s.wanted == 3206250496 && s.ordinal == 3);
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1.00GiB "
			    "with allocator GPU_0_bfc on device 0. [executable_name='jit_f']",
			    &s));
	CHECK(s.wanted == GIB && s.ordinal == 0);
	CHECK(card_said_xla("Resource exhausted: Failed to allocate request for 32.00MiB "
			    "(33554432B) on device ordinal 0",
			    &s));
	CHECK(s.wanted == 32 * MIB);
	CHECK(!card_said_xla("INVALID_ARGUMENT: Out of memory is a word", &s));
	CHECK(!card_said_xla("RESOURCE_EXHAUSTED: too many open files", &s));
	CHECK(s.wanted == CARD_UNSAID);
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Out of memory while trying to allocate", &s));
	CHECK(card_said_xla("RESOURCE_EXHAUSTED: Out of memory while trying to allocate nan", &s));
	CHECK(s.wanted == CARD_UNSAID);
}

static void tensorflow(void)
{
	struct card_said s;
	CHECK(card_said_tensorflow(
		"{{function_node __wrapped__AddV2}} OOM when allocating tensor with "
		"shape[16,112,112,147] and type float on "
		"/job:localhost/replica:0/task:0/device:GPU:1 by allocator GPU_1_bfc [Op:AddV2]",
		&s));
	CHECK(s.wanted == (int64_t)16 * 112 * 112 * 147 * 4 && s.ordinal == 1);
	CHECK(card_said_tensorflow("failed to allocate memory [Op:AddV2]", &s));
	CHECK(s.wanted == CARD_UNSAID);
	CHECK(!card_said_tensorflow(
		"OOM when allocating tensor with shape[16,19] and type float on "
		"/job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu",
		&s));
	CHECK(card_said_tensorflow("OOM when allocating tensor with shape[] and type half on x",
				   &s));
	CHECK(card_said_tensorflow("OOM when allocating tensor with shape[9223372036854775807,9] "
				   "and type double on x",
				   &s));
	CHECK(s.wanted == CARD_UNSAID);
	CHECK(card_said_tensorflow("OOM when allocating tensor with shape[-1,x", &s));
	CHECK(s.wanted == CARD_UNSAID);
	CHECK(!card_said_tensorflow("Graph execution error", &s));
}

static void torch(void)
{
	struct card_said s;
	CHECK(card_said_torch(
		"CUDA out of memory. Tried to allocate 20.00 MiB (GPU 2; 8.00 GiB "
		"total capacity; 6.50 GiB already allocated; 14.50 MiB free; 6.75 GiB "
		"reserved in total by PyTorch) If reserved memory is >> allocated",
		&s));
	CHECK(s.wanted == 20 * MIB && s.ordinal == 2 && s.total == 8 * GIB);
	CHECK(s.allocated == 13 * GIB / 2 && s.free == 29 * MIB / 2 && s.reserved == 27 * GIB / 4);
	static const char *const capacities[] = { "capacity", "capacty" };
	for (int i = 0; i < 2; i++) {
		char text[600];
		snprintf(
			text, sizeof text,
			"CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total %s of "
			"8.00 GiB of which 512.00 MiB is free. Process 77 has 3.00 GiB memory in "
			"use. Including non-PyTorch memory, this process has 7.50 GiB memory in "
			"use. Of the allocated memory 6.00 GiB is allocated by PyTorch, and 128.00 "
			"MiB is reserved by PyTorch but unallocated. If reserved but",
			capacities[i]);
		CHECK(card_said_torch(text, &s));
		CHECK(s.wanted == 3 * GIB / 2 && s.total == 8 * GIB && s.free == 512 * MIB);
		CHECK(s.allocated == 6 * GIB && s.reserved == 6 * GIB + 128 * MIB);
	}
	CHECK(card_said_torch("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling "
			      "`cublasCreate(handle)`",
			      &s));
	CHECK(s.wanted == CARD_UNSAID && s.total == CARD_UNSAID);
	CHECK(card_said_torch("CUDA driver error: out of memory", &s));
	CHECK(card_said_torch("Triton Error [CUDA]: out of memory", &s));
	CHECK(card_said_torch("NCCL error in: ProcessGroupNCCL.cpp:3690, unhandled cuda error, "
			      "NCCL version 2.27.5\nncclUnhandledCudaError: Call to CUDA function "
			      "failed.\nLast error:\nCuda failure 2 'out of memory'",
			      &s));
	CHECK(s.wanted == CARD_UNSAID && s.total == CARD_UNSAID);
	CHECK(!card_said_torch("Triton Error [CUDA]: invalid argument", &s));
	CHECK(!card_said_torch("Cuda failure 700 'an illegal memory access'", &s));
	CHECK(!card_said_torch("CUDA error: device-side assert triggered", &s));
	CHECK(!card_said_torch("", &s));
	CHECK(card_said_torch("HIP out of memory. Tried to allocate (GPU ; total capacity; free;",
			      &s));
	CHECK(s.wanted == CARD_UNSAID && s.total == CARD_UNSAID);
}

int main(void)
{
	RUN(jax);
	RUN(tensorflow);
	RUN(torch);
	return DONE();
}
