/* Numbers: what is taken is what the C library takes, and finite. */
#include "share/number.h"

#include <math.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[128], *end;
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	double value;
	long whole;
	uint64_t bytes;
	if (number_decimal(text, &value) == 0) {
		PROMISE(isfinite(value));
		PROMISE(strtod(text, &end) == value && *end == '\0');
	}
	if (number_whole(text, &whole) == 0)
		PROMISE(strtol(text, &end, 10) == whole && *end == '\0');
	if (number_size(text, &bytes) == 0)
		PROMISE(text[0] != '-' && size > 0);
	return 0;
}
