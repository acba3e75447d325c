#include "recorder/bill/smaps.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/maps.h"
#include "share/array.h"

/* ---- a map's own line ---- */

static int take_map(struct smaps_parser *p, char *line)
{
	struct maps_line is;
	if (!maps_parse(line, &is) || is.high <= is.low)
		return 0;
	if (p->maps->n == SMAPS_MOST) {
		p->full = true;
		return 0;
	}
	struct smaps_map *map = array_more(&p->maps->all, &p->maps->n, sizeof *map);
	if (!map)
		return -ENOMEM;
	*map = (struct smaps_map){ .low = is.low,
				   .high = is.high,
				   .device = is.device,
				   .inode = is.inode,
				   .name = (unsigned char)smaps_name(is.path),
				   .reads = is.rights[0] == 'r',
				   .writes = is.rights[1] == 'w',
				   .runs = is.rights[2] == 'x',
				   .shared = is.rights[3] == 's' };
	return 0;
}

/* ---- the figures below it ---- */

static const struct {
	const char *key;
	size_t at;
} figures[] = {
	{ "Rss:", offsetof(struct smaps_map, resident) },
	{ "Pss:", offsetof(struct smaps_map, resident) },
	{ "Anonymous:", offsetof(struct smaps_map, anonymous) },
	{ "AnonHugePages:", offsetof(struct smaps_map, huge) },
	{ "Shared_Hugetlb:", offsetof(struct smaps_map, hugetlb) },
	{ "Private_Hugetlb:", offsetof(struct smaps_map, hugetlb) },
};

/* kB, as bytes; no more than there can be of the map. */
static uint64_t read_figure(const char *text, const struct smaps_map *map)
{
	uint64_t most = map->high - map->low, kb = strtoull(text, NULL, 10);
	return kb > most >> 10 ? most : kb << 10;
}

static void take_figure(struct smaps_parser *p, const char *line)
{
	struct smaps_map *map = &p->maps->all[p->maps->n - 1];
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		size_t n = strlen(figures[i].key);
		if (strncmp(line, figures[i].key, n) != 0 || (i < 2 && p->pss != (i == 1)))
			continue;
		uint64_t *figure = (uint64_t *)(void *)((char *)map + figures[i].at);
		*figure += read_figure(line + n, map);
		return;
	}
}

/* ---- lines ---- */

/* Every key begins with a capital letter; few with one of these. */
static int take_line(struct smaps_parser *p, char *line)
{
	if (isdigit((unsigned char)*line) || islower((unsigned char)*line))
		return take_map(p, line);
	if (strchr("RPAS", *line) && *line && p->maps->n > 0 && !p->full)
		take_figure(p, line);
	return 0;
}

static int end_line(struct smaps_parser *p)
{
	p->line[p->n] = '\0';
	int r = p->n > 0 && !p->long_line ? take_line(p, p->line) : 0;
	p->n = 0;
	p->long_line = false;
	return r;
}

static void add(struct smaps_parser *p, const char *text, size_t n)
{
	size_t room = sizeof p->line - 1 - p->n;
	p->long_line |= n > room;
	n = n < room ? n : room;
	memcpy(p->line + p->n, text, n);
	p->n += n;
}

int smaps_feed(struct smaps_parser *p, const char *text, size_t n)
{
	const char *end = text + n;
	int r = 0;
	while (text < end && r == 0) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		add(p, text, (size_t)((stop ? stop : end) - text));
		r = stop ? end_line(p) : 0;
		text = stop ? stop + 1 : end;
	}
	return r;
}

int smaps_finish(struct smaps_parser *p)
{
	return end_line(p);
}

void smaps_free(struct smaps_maps *maps)
{
	free(maps->all);
	*maps = (struct smaps_maps){ 0 };
}
