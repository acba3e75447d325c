/* A page fault as the kernel tells it at that very moment: which thread, with its registers and the
 * innermost part of its stack (perf_event_open(2): PERF_COUNT_SW_PAGE_FAULTS with
 * PERF_SAMPLE_REGS_USER and PERF_SAMPLE_STACK_USER). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Registers go by the numbers that DWARF has for this machine: the psABIs' tables. Of x86-64 the
 * place of the return address holds the instruction pointer; of arm64, which has no such number, it
 * stands behind the stack pointer. */
#if defined(__aarch64__)
enum { FAULT_SP = 31, FAULT_PC = 32, FAULT_REGISTERS = 33 };
#else
enum { FAULT_SP = 7, FAULT_PC = 16, FAULT_REGISTERS = 17 };
#endif

struct fault {
	pid_t pid, thread;
	int64_t at;       /* monotonic ns, as clock_now's */
	uint64_t address; /* of the memory that was not there */
	uint64_t faults;  /* that it stands for: itself, and that thread's on that CPU since the
			     last that was told; 0 is never */
	bool in_kernel;   /* taken in a system call: the registers are those it was called with */
	const uint64_t *registers; /* FAULT_REGISTERS of them; NULL: not told */
	const uint8_t *stack;      /* from registers[FAULT_SP] up; NULL: not told */
	size_t n_stack;            /* bytes */
};
