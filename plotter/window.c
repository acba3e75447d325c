#include "plotter/window.h"

#include <errno.h>

#include "share/number.h"

static int parse_window(const char *text, void *value)
{
	struct window window;
	int r = number_pair(text, ',', &window.from, &window.to);
	if (r < 0)
		return r;
	if (window.from < 0 || window.to <= window.from || window.to > 1e9)
		return -ERANGE;
	*(struct window *)value = window;
	return 0;
}

const struct option_type option_window = { "A,B", "two seconds with 0 <= A < B, such as 0,20.5",
					   parse_window };
