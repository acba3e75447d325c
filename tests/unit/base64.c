#include "share/base64.h"

#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

static void as_the_standard_has_it(void)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfb", "//77" },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		base64_put(out, (const unsigned char *)pairs[i][0], strlen(pairs[i][0]));
		fclose(out);
		CHECK_STR(text, pairs[i][1]);
		free(text);
	}
}

int main(void)
{
	RUN(as_the_standard_has_it);
	return DONE();
}
