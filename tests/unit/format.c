#include "share/format.h"

#include "tests/check.h"

static void figures_carry_their_unit(void)
{
	char text[FORMAT_SIZE];
	CHECK_STR(format_memory(text, 182.01), "182.0 MiB");
	CHECK_STR(format_memory(text, 1536), "1.50 GiB");
	CHECK_STR(format_memory(text, 0.5), "512 KiB");
	CHECK_STR(format_memory(text, 0), "0.0 MiB");
	CHECK_STR(format_duration(text, 0), "0 s");
	CHECK_STR(format_duration(text, 0.6), "0.60 s");
	CHECK_STR(format_duration(text, 0.0421), "42.1 ms");
	CHECK_STR(format_duration(text, 125), "2 min 05 s");
	CHECK_STR(format_duration(text, 119.97), "2 min 00 s");
	CHECK_STR(format_duration(text, 3 * 3600 + 180), "3 h 03 min");
	CHECK_STR(format_duration(text, 3 * 86400 + 4 * 3600), "3 d 4 h");
}

static void an_end_is_a_status_or_a_signal(void)
{
	char text[FORMAT_SIZE];
	CHECK_STR(format_end(text, 0), "exit 0");
	CHECK_STR(format_end(text, 255), "exit 255");
	CHECK_STR(format_end(text, -9), "SIGKILL");
	CHECK_STR(format_end(text, -40), "signal 40");
}

int main(void)
{
	RUN(an_end_is_a_status_or_a_signal);
	RUN(figures_carry_their_unit);
	return DONE();
}
