#include "share/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The length of a decimal at the start of `text`, 0 when there is none. strtod alone would take
 * leading blanks, hex, nan and inf. */
static size_t decimal_length(const char *text)
{
	const char *p = text;
	if (*p == '+' || *p == '-')
		p++;
	const char *digits = p;
	while (isdigit((unsigned char)*p))
		p++;
	size_t n = (size_t)(p - digits);
	if (*p == '.') {
		const char *fraction = ++p;
		while (isdigit((unsigned char)*p))
			p++;
		n += (size_t)(p - fraction);
	}
	if (n == 0)
		return 0;
	if (*p == 'e' || *p == 'E') {
		const char *e = p + 1;
		if (*e == '+' || *e == '-')
			e++;
		if (isdigit((unsigned char)*e)) {
			while (isdigit((unsigned char)*e))
				e++;
			p = e;
		}
	}
	return (size_t)(p - text);
}

int number_decimal(const char *text, double *value)
{
	size_t length = decimal_length(text);
	if (length == 0 || text[length] != '\0')
		return -EINVAL;
	double parsed = strtod(text, NULL);
	if (!isfinite(parsed))
		return -ERANGE;
	*value = parsed;
	return 0;
}

int number_pair(const char *text, char separator, double *first, double *second)
{
	char left[64];
	const char *at = strchr(text, separator);
	if (!at || (size_t)(at - text) >= sizeof left)
		return -EINVAL;
	memcpy(left, text, (size_t)(at - text));
	left[at - text] = '\0';
	int r = number_decimal(left, first);
	return r < 0 ? r : number_decimal(at + 1, second);
}

int number_whole(const char *text, long *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return -EINVAL;
	errno = 0;
	long parsed = strtol(text, NULL, 10);
	if (errno)
		return -ERANGE;
	*value = parsed;
	return 0;
}

int number_size(const char *text, uint64_t *bytes)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {
		{ "B", 1 },        { "K", 0x1p10 },   { "KiB", 0x1p10 }, { "KB", 1e3 },
		{ "M", 0x1p20 },   { "MiB", 0x1p20 }, { "MB", 1e6 },     { "G", 0x1p30 },
		{ "GiB", 0x1p30 }, { "GB", 1e9 },     { "T", 0x1p40 },   { "TiB", 0x1p40 },
		{ "TB", 1e12 },
	};
	size_t length = decimal_length(text);
	if (length == 0 || *text == '-')
		return -EINVAL;
	if (text[length] == '\0' && strtod(text, NULL) > 0)
		return -EDOM;
	if (text[length] == '\0') {
		*bytes = 0;
		return 0;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcasecmp(text + length, units[i].suffix) != 0)
			continue;
		double parsed = strtod(text, NULL) * units[i].factor;
		if (parsed >= 0x1p63)
			return -ERANGE;
		*bytes = (uint64_t)parsed;
		return 0;
	}
	return -EINVAL;
}
