/* OOM and OWED: that a GPU had no memory left, as the agents tell it at that moment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/inject.h"
#include "recorder/python/shared.h"
#include "recorder/recording/recording.h"
#include "recorder/where/growth.h"
#include "share/profile/profile.h"

enum { MOST_TEXT = 64 << 10, FIELDS = 5, MOST_FRAMES = 128 };

struct oom {
	const struct agent_shared *shared;
	unsigned seen; /* blocks, as they are counted */
	uint64_t next; /* the first that has not been taken */
};

static int oom_open(void *state, struct recording *r)
{
	struct oom *oom = state;
	oom->shared = inject_shared(&r->probes);
	oom->next = AGENT_BLOCKS;
	return oom->shared && oom->shared->card ? 0 : -ENOSYS;
}

/* ---- lines ---- */

/* Cuts the line up; what is no text becomes '?'. Whether it has so many. */
static bool fields_of(char *line, char *fields[FIELDS], size_t n)
{
	size_t used = 0;
	fields[used++] = line;
	for (char *c = line; *c; c++) {
		if (*c == '\t' && used < n) {
			*c = '\0';
			fields[used++] = c + 1;
		} else if ((unsigned char)*c < ' ' || *c == 127) {
			*c = '?';
		}
	}
	return used == n && *fields[n - 1];
}

/* umib; PROFILE_UNTOLD: "-", or what no GPU has. */
static int64_t figure_of(const char *text)
{
	char *end;
	const uint64_t most = (uint64_t)1 << 50;
	unsigned long long bytes = strtoull(text, &end, 10);
	return end == text || *end || *text == '-' || bytes > most ? PROFILE_UNTOLD
								   : sample_umib(bytes);
}

static bool is_word(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	return n > 0 && n < 32 && !text[n];
}

static int64_t moment_of(const struct recording *r, const char *text)
{
	long long us = strtoll(text, NULL, 10), now = clock_epoch() / 1000;
	return us > 0 && us <= now ? us : r->us;
}

/* The lines "at LINE FILE FUNCTION" that follow, the innermost first. */
static uint64_t tell_frames(struct recording *r, char *text)
{
	char *lines[MOST_FRAMES], *fields[FIELDS], *rest = NULL;
	size_t n = 0;
	uint64_t frame = 0;
	struct told *told = growth_told(r);
	static const struct stack nothing;
	for (char *line = strtok_r(text, "\n", &rest); line && n < MOST_FRAMES;
	     line = strtok_r(NULL, "\n", &rest))
		lines[n++] = line;
	if (told)
		told_stack(told, &r->writer, &nothing, false); /* numbers may begin anew there */
	while (told && n-- > 0)
		if (fields_of(lines[n], fields, 4) && strcmp(fields[0], "at") == 0)
			frame = told_frame(told, &r->writer, frame, fields[2],
					   (int)(strtoul(fields[1], NULL, 10) & 0x7fffffff),
					   fields[3]);
	return frame;
}

static void put_oom(struct recording *r, pid_t pid, char *line, char *frames)
{
	char *fields[FIELDS];
	if (!fields_of(line, fields, 5) || !is_word(fields[1]))
		return;
	const struct profile_record record = {
		.kind = PROFILE_OOM,
		.pid = pid,
		.device = fields[1],
		.at = { moment_of(r, fields[3]), figure_of(fields[2]) },
		.frame = tell_frames(r, frames),
		.text = fields[4],
	};
	profile_put(&r->writer, &record);
	const struct told *told = growth_told(r);
	r->failed =
		(struct failed_result){ pid, record.at.us, record.frame, told ? told->round : 0 };
}

static void put_owed(struct recording *r, pid_t pid, char *text)
{
	char *fields[FIELDS], *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!fields_of(line, fields, 5) || strcmp(fields[0], "owed") != 0 ||
		    !is_word(fields[1]) || !is_word(fields[2]))
			continue;
		const struct profile_record record = {
			.kind = PROFILE_OWED,
			.pid = pid,
			.device = fields[1],
			.function = fields[2],
			.at.umib = figure_of(fields[3]),
			.text = fields[4],
		};
		profile_put(&r->writer, &record);
	}
}

/* ---- blocks, whatever stands in them ---- */

static void put_card(struct recording *r, const struct agent_card *card, uint64_t size)
{
	uint32_t n = card->text;
	pid_t pid = atomic_load(&card->head.pid);
	if (n > size - sizeof *card || n > MOST_TEXT || pid <= 0)
		return;
	char *text = malloc((size_t)n + 1);
	if (!text)
		return;
	memcpy(text, card->lines, n);
	text[n] = '\0';
	if (strncmp(text, "oom\t", 4) == 0) {
		char *end = text + strcspn(text, "\n"), *frames = *end ? end + 1 : end;
		*end = '\0';
		put_oom(r, pid, text, frames);
	} else {
		put_owed(r, pid, text);
	}
	free(text);
}

static bool is_whole(const struct agent_card *card, uint64_t size)
{
	return size >= sizeof *card &&
	       atomic_load_explicit(&card->ready, memory_order_acquire) != 0;
}

/* One that is being written holds up those behind it, until the end. */
static void take(struct oom *oom, struct recording *r, bool at_end)
{
	uint64_t used = atomic_load(&oom->shared->used);
	if (used > AGENT_BYTES)
		used = AGENT_BYTES;
	while (used >= sizeof(struct agent_block) &&
	       oom->next <= used - sizeof(struct agent_block)) {
		const struct agent_block *block =
			(const struct agent_block *)((const char *)oom->shared + oom->next);
		const struct agent_card *card = (const struct agent_card *)block;
		uint64_t size = block->size;
		if (size < sizeof *block || size % 8 != 0 || size > used - oom->next)
			return;
		bool is_card = block->kind == AGENT_CARD, whole = is_card && is_whole(card, size);
		if (is_card && !whole && !at_end)
			return;
		if (whole)
			put_card(r, card, size);
		oom->next += size;
	}
}

static void oom_sample(void *state, struct recording *r, int64_t now)
{
	struct oom *oom = state;
	unsigned n = atomic_load_explicit(&oom->shared->n_cards, memory_order_acquire);
	(void)now;
	if (n == oom->seen)
		return;
	oom->seen = n;
	take(oom, r, false);
}

/* What was watched for failures, and why it was not all that might have been. */
static void put_watched(const struct oom *oom, struct recording *r)
{
	static const struct {
		unsigned note;
		const char *word;
	} lacks[] = {
		{ AGENT_SAW_OLD_TORCH, "old-torch" },
		{ AGENT_SAW_BARE_TORCH, "bare-torch" },
		{ AGENT_SAW_SILENT_DRIVER, "driver" },
		{ AGENT_SAW_OLD | AGENT_SAW_THREADED | AGENT_SAW_STRANGE, "python" },
	};
	char words[64] = "";
	struct profile_pair pairs[2];
	size_t n = 0;
	unsigned notes = atomic_load(&oom->shared->notes);
	for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
		if (notes & lacks[i].note)
			snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
				 *words ? "," : "", lacks[i].word);
	if (notes & AGENT_SAW_TORCH)
		pairs[n++] = (struct profile_pair){ "card_watched", "torch" };
	if (*words)
		pairs[n++] = (struct profile_pair){ "card_lacks", words };
	if (n > 0)
		profile_put_meta(&r->writer, pairs, n);
}

static void oom_end(void *state, struct recording *r)
{
	struct oom *oom = state;
	take(oom, r, true);
	put_watched(oom, r);
}

const struct probe probe_oom = {
	.state_size = sizeof(struct oom),
	.open = oom_open,
	.sample = oom_sample,
	.end = oom_end,
};
