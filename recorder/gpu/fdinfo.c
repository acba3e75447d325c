#include "recorder/gpu/fdinfo.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* By preference: what is there, the same under its old name, what was asked for. They are not
 * mixed: the best that any region has is taken for all. */
static const char *const figures[] = { "resident-", "memory-", "total-" };
enum { N_FIGURES = sizeof figures / sizeof *figures };

struct line {
	const char *key, *value;
	size_t key_size, value_size;
};

/* Takes the next line apart; false at the end. What has no colon has no value. */
static bool next_line(const char **text, struct line *line)
{
	const char *at = *text;
	if (*at == '\0')
		return false;
	size_t n = strcspn(at, "\n");
	const char *colon = memchr(at, ':', n);
	line->key = at;
	line->key_size = colon ? (size_t)(colon - at) : 0;
	line->value = colon ? colon + 1 : at + n;
	while (line->value < at + n && (*line->value == ' ' || *line->value == '\t'))
		line->value++;
	line->value_size = (size_t)(at + n - line->value);
	*text = at + n + (at[n] == '\n');
	return true;
}

/* The key behind "drm-"; NULL: it is another one. */
static const char *drm_key(const struct line *line, size_t *size)
{
	static const char prefix[] = "drm-";
	size_t n = sizeof prefix - 1;
	if (line->key_size <= n || memcmp(line->key, prefix, n) != 0)
		return NULL;
	*size = line->key_size - n;
	return line->key + n;
}

static bool begins(const char *text, size_t size, const char *with)
{
	size_t n = strlen(with);
	return size >= n && memcmp(text, with, n) == 0;
}

static void keep(char *out, size_t size, const struct line *line)
{
	size_t n = line->value_size < size - 1 ? line->value_size : size - 1;
	memcpy(out, line->value, n);
	out[n] = '\0';
}

static bool take_number(const struct line *line, uint64_t *value, const char **rest)
{
	const char *at = line->value, *end = at + line->value_size;
	*value = 0;
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (*value > (UINT64_MAX - 9) / 10)
			return false;
		*value = *value * 10 + (uint64_t)(*at - '0');
	}
	*rest = at;
	return at > line->value;
}

static bool take_bytes(const struct line *line, uint64_t *bytes)
{
	const char *rest;
	if (!take_number(line, bytes, &rest))
		return false;
	while (rest < line->value + line->value_size && *rest == ' ')
		rest++;
	size_t left = (size_t)(line->value + line->value_size - rest);
	int shift = begins(rest, left, "KiB") ? 10 : begins(rest, left, "MiB") ? 20 : 0;
	if (*bytes > UINT64_MAX >> (shift + 1))
		return false;
	*bytes <<= shift;
	return true;
}

static bool is_vram(const char *region, size_t size)
{
	return begins(region, size, "vram") || begins(region, size, "local") ||
	       begins(region, size, "stolen-local");
}

static void take_memory(const struct line *line, const char *key, size_t size,
			uint64_t sums[N_FIGURES], bool any[N_FIGURES])
{
	uint64_t bytes;
	for (size_t i = 0; i < N_FIGURES; i++) {
		size_t n = strlen(figures[i]);
		if (begins(key, size, figures[i]) && is_vram(key + n, size - n) &&
		    take_bytes(line, &bytes) && sums[i] <= UINT64_MAX / 2) {
			sums[i] += bytes;
			any[i] = true;
		}
	}
}

int fdinfo_parse(const char *text, struct fdinfo *info)
{
	uint64_t sums[N_FIGURES] = { 0 };
	bool any[N_FIGURES] = { false };
	struct line line;
	const char *key, *rest;
	size_t size;
	*info = (struct fdinfo){ 0 };
	while (next_line(&text, &line)) {
		if (!(key = drm_key(&line, &size)))
			continue;
		if (size == 6 && memcmp(key, "driver", 6) == 0)
			keep(info->driver, sizeof info->driver, &line);
		else if (size == 4 && memcmp(key, "pdev", 4) == 0)
			keep(info->device, sizeof info->device, &line);
		else if (size == 9 && memcmp(key, "client-id", 9) == 0)
			info->has_client = take_number(&line, &info->client, &rest);
		else
			take_memory(&line, key, size, sums, any);
	}
	for (size_t i = 0; i < N_FIGURES && !info->has_vram; i++)
		if (any[i]) {
			info->has_vram = true;
			info->vram = sums[i];
		}
	return *info->driver ? 0 : -ENOENT;
}
