/* Why a program could not be started, for people. */
#pragma once

/* `error` is target_spawn's. The exit status, as a shell's would be. */
int refusal_say(const char *file, int error);
