#include "recorder/heap/preload/trim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* A block of s bytes at any address holds s - PAGE bytes of whole pages, in the mean. */
uint64_t trim_of(uint64_t bytes, uint64_t n)
{
	enum { PAGE = 4096 };
	return bytes / PAGE > n ? bytes - n * PAGE : 0;
}

/* ---- malloc/malloc.c, __malloc_info: a line for each size of each arena ---- */

struct reading {
	char line[160];
	size_t n;
	bool within;           /* an arena, and not the sums of all */
	uint64_t listed, fast; /* bytes of this arena's free blocks, and of those the fast ones */
	uint64_t whole;        /* of all arenas: what there is to tell */
	unsigned heaps;
};

static uint64_t number(const char *line, const char *name)
{
	const char *at = strstr(line, name);
	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* The rest is the last block of an arena and all that are listed but the fast ones. */
static void take_sum(struct reading *r, const char *line)
{
	uint64_t size = number(line, " size=\""), other = r->listed - r->fast;
	if (strstr(line, "type=\"fast\""))
		r->fast = size < r->listed ? size : r->listed;
	else if (strstr(line, "type=\"rest\"") && size > other)
		r->whole += trim_of(size - other, 1);
}

static void take_sizes(struct reading *r, const char *line)
{
	uint64_t total = number(line, " total=\"");
	r->whole += trim_of(total, number(line, " count=\""));
	r->listed += total;
}

static void take_line(struct reading *r)
{
	const char *line = r->line + strspn(r->line, " ");
	if (strncmp(line, "<heap ", 6) == 0) {
		r->within = true;
		r->heaps++;
		r->listed = r->fast = 0;
	} else if (strncmp(line, "</heap>", 7) == 0) {
		r->within = false;
	} else if (!r->within) {
		return;
	} else if (strncmp(line, "<size ", 6) == 0 || strncmp(line, "<unsorted ", 10) == 0) {
		take_sizes(r, line);
	} else if (strncmp(line, "<total ", 7) == 0) {
		take_sum(r, line);
	}
}

static ssize_t take(void *cookie, const char *text, size_t n)
{
	struct reading *r = cookie;
	for (size_t i = 0; i < n; i++) {
		if (text[i] != '\n' && r->n + 1 < sizeof r->line) {
			r->line[r->n++] = text[i];
			continue;
		}
		r->line[r->n] = '\0';
		r->n = 0;
		take_line(r);
	}
	return (ssize_t)n;
}

bool trim_ask(uint64_t *bytes)
{
	static char buffer[4096];
	struct reading reading = { .n = 0 };
	int (*ask)(int options, FILE *stream);
	*(void **)&ask = dlsym(RTLD_NEXT, "malloc_info");
	FILE *stream =
		ask ? fopencookie(&reading, "w", (cookie_io_functions_t){ .write = take }) : NULL;
	if (!stream)
		return false;
	setvbuf(stream, buffer, _IOFBF, sizeof buffer);
	bool told = ask(0, stream) == 0;
	told &= fclose(stream) == 0;
	*bytes = reading.whole;
	return told && reading.heaps > 0;
}
