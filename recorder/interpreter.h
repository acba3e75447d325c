/* Which program runs a Python script. */
#pragma once

#include <stdbool.h>

enum interpreter_wish {
	INTERPRETER_GUESS, /* *.py runs under Python unless it says itself what runs it */
	INTERPRETER_ALWAYS,
	INTERPRETER_NEVER,
};

/* Does it end in .py? */
bool interpreter_is_for(const char *program);

/* The interpreter to put before `program`, or NULL when it is to be executed as it is. Lives as
 * long as the environment, or is static. */
const char *interpreter_for(const char *program, enum interpreter_wish wish);
