/* META, MARK and EXIT: what a recording says of itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/number.h"
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

/* All of them count. */
static bool is_listed(const char *word)
{
	return strncmp(word, "uid=", 4) == 0;
}

/* The one of that key which stands there already, or NULL. */
static struct profile_setting *find_setting(const struct profile *p, const char *word, size_t n)
{
	for (size_t i = 0; i < p->n_settings && !is_listed(word); i++)
		if (strncmp(p->settings[i].key, word, n) == 0 && p->settings[i].key[n] == '\0')
			return &p->settings[i];
	return NULL;
}

/* Of what is said again and again only the last is kept. */
static int add_setting(struct profile *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : 0;
	struct profile_setting *setting = equals ? find_setting(p, word, n) : NULL;
	if (!equals || (!setting && p->n_settings == MOST_SETTINGS))
		return 0;
	char *value = strdup(equals + 1);
	if (setting && value) {
		free(setting->value);
		setting->value = value;
		return 0;
	}
	setting = value ? array_more(&p->settings, &p->n_settings, sizeof *setting) : NULL;
	if (!setting) {
		free(value);
		return -ENOMEM;
	}
	setting->value = value;
	setting->key = strndup(word, n);
	return setting->key ? 0 : -ENOMEM;
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

bool profile_is_set(const struct profile *profile, const char *key)
{
	const char *value = profile_setting(profile, key);
	return value && strcmp(value, "1") == 0;
}

bool profile_setting_mib(const struct profile *profile, const char *key, double *mib)
{
	const double most = 8e12; /* what samples can say */
	const char *text = profile_setting(profile, key);
	return text && number_decimal(text, mib) == 0 && *mib > 0 && *mib <= most;
}

int64_t profile_end_us(const struct profile *profile)
{
	int64_t last = profile->memory.samples ? profile->memory.last.us : 0;
	return profile->ended && profile->ended_us > last ? profile->ended_us : last;
}

/* Those whom a signal ended, or that pass it on as shells do. */
static bool is_of_signal(const struct profile *p)
{
	const int kill = 9, term = 15;
	int status = p->status;
	return !p->ended || status == PROFILE_STATUS_UNKNOWN || status == -kill ||
	       status == -term || status == 128 + kill || status == 128 + term;
}

const char *profile_killed(const struct profile *p)
{
	const char *killed = profile_setting(p, "killed"), *pid = profile_setting(p, "pid");
	const char *victim = profile_setting(p, "killed_pid");
	bool another = profile_setting(p, "killed_by") != NULL;
	static const struct {
		const char *key, *words, *of_others;
	} killers[] = {
		{ "oom", "killed: out of memory", "a process of it was killed: out of memory" },
		{ "oom?", "killed: probably out of memory",
		  "a process of it was killed: probably out of memory" },
		{ "oomd", "killed by systemd-oomd", "a process of it was killed by systemd-oomd" },
		{ "earlyoom", "killed by earlyoom", "a process of it was killed by earlyoom" },
		{ "at", "killed by --at", "a process of it was killed by --at" },
		{ "other", "killed by another recorder's --at",
		  "a process of it was killed by another recorder's --at" },
	};
	bool other = pid && victim && strcmp(pid, victim) != 0;
	/* Another's word was left before the signal, which may have failed. */
	if (another && !other && !is_of_signal(p))
		return NULL;
	if (killed && another && strcmp(killed, "at") == 0)
		killed = "other";
	for (size_t i = 0; killed && i < sizeof killers / sizeof *killers; i++)
		if (strcmp(killed, killers[i].key) == 0)
			return other ? killers[i].of_others : killers[i].words;
	return NULL;
}

const struct loading_part loading_notes = {
	.kinds = 1u << PROFILE_META | 1u << PROFILE_MARK | 1u << PROFILE_EXIT,
	.take = take,
	.begin = begin,
	.free = drop,
};
