#include "share/link.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "share/environment.h"

static bool is_welcome(FILE *out, const char *path)
{
	const char *term = environment_word("TERM");
	int fd = fileno(out);
	return path[0] == '/' && fd >= 0 && isatty(fd) && term && strcmp(term, "dumb") != 0 &&
	       strcmp(term, "linux") != 0 && !environment_word("NO_COLOR");
}

/* As RFC 3986 has it: whatever else a path holds, nothing in it ends the sequence. */
static void put_encoded(FILE *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~/";
	for (; *text; text++)
		if (strchr(plain, *text))
			putc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

void link_begin(FILE *out, const char *path)
{
	char host[256] = "";
	if (!is_welcome(out, path))
		return;
	gethostname(host, sizeof host - 1); /* "" is this machine, too */
	fputs("\x1b]8;;file://", out);
	put_encoded(out, host);
	put_encoded(out, path);
	fputs("\x1b\\", out);
}

void link_end(FILE *out, const char *path)
{
	if (is_welcome(out, path))
		fputs("\x1b]8;;\x1b\\", out);
}
