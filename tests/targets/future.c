/* future VERSION: looks like a CPython of a version to come (0x030f, say) for a while. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((section(".PyRuntime"))) uint64_t state[256] = {
	0x7970677562656478, /* "xdebugpy" */
	0x031000f0,
};

int main(int argc, char *argv[])
{
	if (argc > 1)
		state[1] = (uint64_t)strtol(argv[1], NULL, 16) << 16 | 0xf0;
	state[2] = argc > 2; /* without a lock */
	state[5] = 8 * 100;
	usleep(700000);
	return state[1] == 1;
}
