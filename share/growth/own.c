#include "share/growth/own.h"

#include <errno.h>
#include <stddef.h>

static int parse(const char *text, void *value)
{
	struct own *own = value;
	size_t n = 0;
	while (n < OWN_MOST && own->globs[n])
		n++;
	if (!*text || n == OWN_MOST)
		return -EINVAL;
	own->globs[n] = (char *)text;
	return 0;
}

const struct option_type option_own = {
	"GLOB", "the path of a file or folder, in which * stands for anything, 32 times at most",
	parse, NULL
};
