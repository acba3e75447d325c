/* META, MARK and EXIT: what a recording says of itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST_MARKS = 4096, MOST_SETTINGS = 256 };

static int take_mark(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	if (p->n_marks == MOST_MARKS)
		return 0;
	char *label = loading_text(record->text);
	struct profile_mark *mark = label ? array_more(&p->marks, &p->n_marks, sizeof *mark) : NULL;
	if (!mark) {
		free(label);
		return -ENOMEM;
	}
	*mark = (struct profile_mark){ record->at, label };
	return 0;
}

static int add_setting(struct profile *p, const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals || p->n_settings == MOST_SETTINGS)
		return 0;
	struct profile_setting *setting = array_more(&p->settings, &p->n_settings, sizeof *setting);
	if (!setting)
		return -ENOMEM;
	setting->key = strndup(word, (size_t)(equals - word));
	setting->value = strdup(equals + 1);
	return setting->key && setting->value ? 0 : -ENOMEM;
}

static int take_settings(struct loading *l, const struct profile_record *record)
{
	char *words = strdup(record->text), *cursor = words, *word;
	int r = words ? 0 : -ENOMEM;
	while (r == 0 && profile_unquote(&cursor, &word) == 1)
		r = add_setting(&l->profile, word);
	free(words);
	return r;
}

static void drop_settings(struct profile *p)
{
	for (size_t i = 0; i < p->n_settings; i++) {
		free(p->settings[i].key);
		free(p->settings[i].value);
	}
	free(p->settings);
	p->settings = NULL;
	p->n_settings = 0;
}

static void drop_marks(struct profile *p)
{
	for (size_t i = 0; i < p->n_marks; i++)
		free(p->marks[i].label);
	free(p->marks);
	p->marks = NULL;
	p->n_marks = 0;
}

static int take_end(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	p->ended = true;
	p->status = record->status;
	p->ended_us = record->at.us;
	p->ru_maxrss = record->peak;
	p->missed = record->missed;
	return 0;
}

static int take(struct loading *l, const struct profile_record *record)
{
	return record->kind == PROFILE_META   ? take_settings(l, record)
	       : record->kind == PROFILE_MARK ? take_mark(l, record)
					      : take_end(l, record);
}

static void drop(struct profile *p)
{
	drop_settings(p);
	drop_marks(p);
	p->ended = false;
	p->status = PROFILE_STATUS_UNKNOWN;
	p->ended_us = p->ru_maxrss = 0;
	p->missed = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

/* ---- what a loaded one says ---- */

const char *profile_setting(const struct profile *profile, const char *key)
{
	for (size_t i = profile->n_settings; i-- > 0;)
		if (strcmp(profile->settings[i].key, key) == 0)
			return profile->settings[i].value;
	return NULL;
}

int64_t profile_end_us(const struct profile *profile)
{
	int64_t last = profile->memory.samples ? profile->memory.last.us : 0;
	return profile->ended && profile->ended_us > last ? profile->ended_us : last;
}

const char *profile_killed(const struct profile *profile)
{
	const char *killed = profile_setting(profile, "killed");
	static const char *const words[][2] = {
		{ "oom", "killed: out of memory" },
		{ "oom?", "killed: probably out of memory" },
		{ "oomd", "killed by systemd-oomd" },
		{ "at", "killed by --at" },
	};
	for (size_t i = 0; killed && i < sizeof words / sizeof *words; i++)
		if (strcmp(killed, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

const struct loading_part loading_notes = {
	.kinds = 1u << PROFILE_META | 1u << PROFILE_MARK | 1u << PROFILE_EXIT,
	.take = take,
	.begin = begin,
	.free = drop,
};
