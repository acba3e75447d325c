/* Our own registers, by the numbers that a fault has them in. */
#pragma once

#include <stdint.h>
#include <ucontext.h>

#include "recorder/tree/fault.h"

static void take_registers(uint64_t registers[FAULT_REGISTERS], const ucontext_t *context)
{
#if defined(__aarch64__)
	for (int i = 0; i < 31; i++)
		registers[i] = context->uc_mcontext.regs[i];
	registers[FAULT_SP] = context->uc_mcontext.sp;
	registers[FAULT_PC] = context->uc_mcontext.pc;
#else
	static const int places[] = { REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
				      REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
				      REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP };
	for (int i = 0; i < FAULT_REGISTERS; i++)
		registers[i] = (uint64_t)context->uc_mcontext.gregs[places[i]];
#endif
}
