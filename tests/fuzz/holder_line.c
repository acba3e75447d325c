/* The first line of a file that is published: what anybody may have written into it is no proof,
 * unless there is no lock on it. */
#include "recorder/probes/holder_line.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	PROMISE(!holder_line_is_of_dead(text, -1));
	free(text);
	return 0;
}
