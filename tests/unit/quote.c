#include <errno.h>
#include <stdlib.h>

#include "share/profile/profile.h"
#include "tests/check.h"

static const char *quoted(const char *text)
{
	static char out[256];
	CHECK_INT(profile_quote(out, sizeof out, text), strlen(out));
	return out;
}

static void plain_words_stay_as_they_are(void)
{
	CHECK_STR(quoted("/usr/bin/python3"), "/usr/bin/python3");
	CHECK_STR(quoted("--seed=-1,2:3@x+y%z_"), "--seed=-1,2:3@x+y%z_");
	CHECK_STR(quoted("학습.py"), "학습.py");
}

static void others_are_quoted_for_a_shell(void)
{
	CHECK_STR(quoted(""), "''");
	CHECK_STR(quoted("a b"), "'a b'");
	CHECK_STR(quoted("it's"), "'it'\\''s'");
	CHECK_STR(quoted("$x`y`\"\\"), "'$x`y`\"\\'");
}

static void controls_and_broken_bytes_are_escaped(void)
{
	CHECK_STR(quoted("a\nb"), "$'a\\nb'");
	CHECK_STR(quoted("\xff'\\"), "$'\\xff\\'\\\\'");
	CHECK_STR(quoted("\x1b[0m"), "$'\\x1b[0m'");
	CHECK_STR(quoted("\xc2\x85"), "$'\\xc2\\x85'");          /* NEL would end a line for some */
	CHECK_STR(quoted("\xed\xa0\x80"), "$'\\xed\\xa0\\x80'"); /* a surrogate is no UTF-8 */
}

static void a_small_buffer_is_not_overrun(void)
{
	char out[4] = "xyz";
	CHECK_INT(profile_quote(out, sizeof out, "a b c d"), 9);
	CHECK_STR(out, "'a ");
	CHECK_INT(profile_quote(NULL, 0, "abc"), 3);
}

static void words_come_back_one_by_one(void)
{
	char line[] = "run  'a b' $'\\n\\x41' '' x\\ y";
	const char *expected[] = { "run", "a b", "\nA", "", "x y" };
	char *cursor = line, *word;
	for (size_t i = 0; i < 5; i++) {
		CHECK_INT(profile_unquote(&cursor, &word), 1);
		CHECK_STR(word, expected[i]);
	}
	CHECK_INT(profile_unquote(&cursor, &word), 0);
}

static void an_open_quote_is_told(void)
{
	char line[] = "'abc", other[] = "$'abc\\";
	char *cursor = line, *word;
	CHECK_INT(profile_unquote(&cursor, &word), -EINVAL);
	cursor = other;
	CHECK_INT(profile_unquote(&cursor, &word), -EINVAL);
}

static void quoting_loses_nothing(void)
{
	srand(1);
	for (int i = 0; i < 20000; i++) {
		char text[24], line[256], *cursor = line, *word = NULL;
		int n = rand() % 20;
		for (int k = 0; k < n; k++)
			text[k] =
				(char)(rand() % 3
					       ? "' \\$\n\"ab\xc2\x85\xe2\x80\xa8\xff"[rand() % 15]
					       : 1 + rand() % 255);
		text[n] = '\0';
		profile_quote(line, sizeof line, text);
		CHECK(strchr(line, '\n') == NULL);
		if (profile_unquote(&cursor, &word) != 1 || strcmp(word, text) != 0) {
			CHECK_STR(word, text);
			return;
		}
	}
}

int main(void)
{
	RUN(plain_words_stay_as_they_are);
	RUN(others_are_quoted_for_a_shell);
	RUN(controls_and_broken_bytes_are_escaped);
	RUN(a_small_buffer_is_not_overrun);
	RUN(words_come_back_one_by_one);
	RUN(an_open_quote_is_told);
	RUN(quoting_loses_nothing);
	return DONE();
}
