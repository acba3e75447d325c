#include "recorder/native/perf_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/native/opening.h"
#include "share/array.h"

/* ns until the file is looked at once more: where there is none; and by what a look has cost, since
 * a program that begins calls what it has compiled just now. */
static const int64_t AGAIN = 100000000, SOON = 1000000;
enum { SHARE = 20 };
enum { BLOCK = 64 << 10, MOST_NAMES = 1 << 20, MOST_TEXT = 256 << 20, LONGEST = 512 };

struct perf_map {
	struct perf_name *names;
	size_t n;
	char *text; /* of names, each with its NUL */
	size_t used, room;
	char line[LONGEST];
	size_t n_line;
	bool unsorted;
	off_t at;           /* in the file */
	int64_t not_before; /* monotonic ns: of the next look at it */
};

struct perf_map *perf_map_new(void)
{
	return calloc(1, sizeof(struct perf_map));
}

void perf_map_free(struct perf_map *map)
{
	if (!map)
		return;
	free(map->names);
	free(map->text);
	free(map);
}

/* ---- the text ---- */

static bool make_room(struct perf_map *map, size_t n)
{
	size_t room = map->room;
	while (room < map->used + n)
		room = room ? room * 2 : 4096;
	if (room > MOST_TEXT)
		return false;
	char *text = room > map->room ? realloc(map->text, room) : map->text;
	if (!text)
		return false;
	map->text = text;
	map->room = room;
	return true;
}

static void take_line(struct perf_map *map)
{
	char *end;
	map->line[map->n_line] = '\0';
	uint64_t start = strtoull(map->line, &end, 16);
	if (end == map->line || *end != ' ')
		return;
	uint64_t size = strtoull(end + 1, &end, 16);
	if (*end != ' ' || end[1] == '\0' || size == 0 || size > UINT64_MAX - start)
		return;
	size_t n = strlen(end + 1) + 1;
	if (map->n >= MOST_NAMES || !make_room(map, n))
		return;
	struct perf_name *name = array_more(&map->names, &map->n, sizeof *name);
	if (!name)
		return;
	*name = (struct perf_name){ start, start + size, map->used, map->n };
	memcpy(map->text + map->used, end + 1, n);
	map->used += n;
	map->unsorted = true;
}

void perf_map_take(struct perf_map *map, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n') {
			take_line(map);
			map->n_line = 0;
		} else if (map->n_line <
			   sizeof map->line - 1) { /* the rest of a long name is cut */
			map->line[map->n_line++] = text[i];
		}
}

void perf_map_read(struct perf_map *map, pid_t pid)
{
	static char block[BLOCK];
	int64_t began = clock_now();
	if (began < map->not_before)
		return;
	map->not_before = began + AGAIN;
	int fd = opening_names(pid);
	if (fd < 0)
		return;
	ssize_t n;
	if (lseek(fd, 0, SEEK_END) < map->at) /* written anew */
		map->at = 0, map->n_line = 0;
	while ((n = pread(fd, block, sizeof block, map->at)) > 0 && map->at < MOST_TEXT) {
		perf_map_take(map, block, (size_t)n);
		map->at += n;
	}
	close(fd);
	int64_t now = clock_now(), pause = SHARE * (now - began);
	map->not_before = now + (pause < SOON ? SOON : pause < AGAIN ? pause : AGAIN);
}

/* ---- asking ---- */

static int compare(const void *a, const void *b)
{
	const struct perf_name *one = a, *other = b;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return (one->order > other->order) - (one->order < other->order);
}

/* Of those that begin before it the nearest, and of the same beginning the latest. */
const char *perf_map_name(struct perf_map *map, uint64_t address)
{
	if (map->unsorted)
		qsort(map->names, map->n, sizeof *map->names, compare);
	map->unsorted = false;
	size_t low = 0, high = map->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->names[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || map->names[low - 1].end <= address)
		return NULL;
	return map->text + map->names[low - 1].name;
}
