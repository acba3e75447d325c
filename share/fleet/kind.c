#include "share/fleet/kind.h"

#include <string.h>
#include <sys/stat.h>

#include "share/profile/input.h"

/* It says so at its head. */
enum { HEAD = 8192 };

static size_t read_head(char head[HEAD], const char *path)
{
	struct profile_input input;
	size_t n = 0;
	if (profile_open(&input, path) < 0)
		return 0;
	while (n < HEAD) {
		ssize_t got = input.read(input.handle, head + n, HEAD - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	profile_close(&input);
	return n;
}

bool fleet_is_merged(const char *path)
{
	static const char meta[] = "META ", key[] = " merged=", rank[] = "RANK ";
	char head[HEAD + 1];
	struct stat status;
	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	head[read_head(head, path)] = '\0';
	for (char *line = head, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if ((strncmp(line, meta, strlen(meta)) == 0 && strstr(line, key)) ||
		    strncmp(line, rank, strlen(rank)) == 0)
			return true;
	}
	return false;
}
