/* The decoders of line tables: any table gives a line that there can be, or none. */
#include "recorder/python/line_table.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	enum line_table kind = (enum line_table)(data[0] % 3);
	int first = data[1] * 16777;
	for (int64_t offset = -2; offset < 600; offset += 1 + data[2] % 7)
		PROMISE(line_table_find(kind, data + 3, size - 3, first, offset) >= 0);
	PROMISE(line_table_find(kind, data + 3, size - 3, first, INT64_MAX) >= 0);
	return 0;
}
