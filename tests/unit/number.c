#include "share/number.h"

#include <errno.h>

#include "tests/check.h"

static void decimals_are_read_whole(void)
{
	double value = 0;
	CHECK_INT(number_decimal("0.1", &value), 0);
	CHECK_NEAR(value, 0.1, 1e-15);
	CHECK_INT(number_decimal("-12.5e2", &value), 0);
	CHECK_NEAR(value, -1250, 0);
	CHECK_INT(number_decimal(".5", &value), 0);
	CHECK_INT(number_decimal("5.", &value), 0);
	CHECK_NEAR(value, 5, 0);
}

static void what_only_looks_like_a_decimal_is_refused(void)
{
	static const char *const bad[] = { "",   " 1",  "1 ", "nan", "inf", "0x10",
					   "1e", "1,5", ".",  "-",   "1s",  "+-1" };
	double value = 42;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_INT(number_decimal(bad[i], &value), -EINVAL);
		CHECK_NEAR(value, 42, 0);
	}
	CHECK_INT(number_decimal("1e999", &value), -ERANGE);
}

static void whole_numbers(void)
{
	long value = 0;
	CHECK_INT(number_whole("-17", &value), 0);
	CHECK_INT(value, -17);
	CHECK_INT(number_whole("1.0", &value), -EINVAL);
	CHECK_INT(number_whole("99999999999999999999", &value), -ERANGE);
	CHECK_INT(value, -17);
}

static void sizes_have_units(void)
{
	static const struct {
		const char *text;
		unsigned long long bytes;
	} cases[] = {
		{ "512B", 512 },      { "0", 0 },
		{ "2G", 2ULL << 30 }, { "512MiB", 512ULL << 20 },
		{ "1.5k", 1536 },     { "2GB", 2000000000 },
		{ "0.5KiB", 512 },    { "1T", 1ULL << 40 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t bytes = 0;
		CHECK_INT(number_size(cases[i].text, &bytes), 0);
		CHECK_INT(bytes, cases[i].bytes);
	}
	uint64_t bytes = 7;
	static const char *const bare[] = { "200", "0.5", "1e6", "+1", "2147483648" };
	for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
		CHECK_INT(number_size(bare[i], &bytes), -EDOM);
	CHECK_INT(number_size("-1G", &bytes), -EINVAL);
	CHECK_INT(number_size("1X", &bytes), -EINVAL);
	CHECK_INT(number_size("9999999T", &bytes), -ERANGE);
	CHECK_INT(bytes, 7);
}

int main(void)
{
	RUN(decimals_are_read_whole);
	RUN(what_only_looks_like_a_decimal_is_refused);
	RUN(whole_numbers);
	RUN(sizes_have_units);
	return DONE();
}
