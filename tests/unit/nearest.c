#include "share/nearest.h"

#include <stddef.h>

#include "tests/check.h"

static const char *const commands[] = {
	"run", "attach", "plot", "list", "rm", "clean", "peak", NULL
};

static void slips_find_their_word(void)
{
	CHECK_STR(nearest("atach", commands), "attach");
	CHECK_STR(nearest("polt", commands), "plot");
	CHECK_STR(nearest("cleen", commands), "clean");
	CHECK_STR(nearest("att", commands), "attach");
}

static void strangers_find_none(void)
{
	CHECK(nearest("frobnicate", commands) == NULL);
	CHECK(nearest("", commands) == NULL);
	CHECK(nearest("a-word-that-is-far-too-long-to-be-any-command", commands) == NULL);
}

int main(void)
{
	RUN(slips_find_their_word);
	RUN(strangers_find_none);
	return DONE();
}
