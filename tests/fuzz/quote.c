/* Quoting: unquote(quote(x)) is x for any bytes, what is quoted is one printable line, and nothing
 * that is unquoted, quoted by us or not, is read beyond its end. */
#include <stdbool.h>
#include <string.h>

#include "share/profile/profile.h"
#include "tests/fuzz/fuzz.h"

static char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	PROMISE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void check_identity(const char *text)
{
	size_t length = profile_quote(NULL, 0, text);
	char *quoted = malloc(length + 1), *cursor = quoted, *word;
	PROMISE(quoted);
	PROMISE(profile_quote(quoted, length + 1, text) == length);
	PROMISE(strlen(quoted) == length);
	for (const char *c = quoted; *c; c++)
		PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
	PROMISE(profile_unquote(&cursor, &word) == 1);
	PROMISE(strcmp(word, text) == 0);
	PROMISE(profile_unquote(&cursor, &word) == 0);
	free(quoted);
}

/* A buffer that is too small holds the beginning, and its end. */
static void check_short_buffer(const char *text)
{
	char small[8];
	size_t length = profile_quote(small, sizeof small, text);
	PROMISE(strlen(small) <= sizeof small - 1 && strlen(small) <= length);
}

static void check_any_text(char *text)
{
	char *cursor = text, *word, *end = text + strlen(text);
	while (profile_unquote(&cursor, &word) == 1)
		PROMISE(word >= text && cursor <= end && word + strlen(word) <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	check_identity(text);
	check_short_buffer(text);
	check_any_text(text);
	free(text);
	return 0;
}
