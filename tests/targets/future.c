/* future VERSION: looks like a CPython of a version to come (0x030f, say) for a while. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((section(".PyRuntime"))) uint64_t state[256] = { 1 };

int main(int argc, char *argv[])
{
	memcpy(state, "xdebugpy", 8);
	state[1] = argc > 1 ? (uint64_t)strtol(argv[1], NULL, 16) << 16 : 0;
	state[2] = argc > 2; /* without a lock */
	state[5] = 8 * 100;
	usleep(700000);
	return state[1] == 1;
}
