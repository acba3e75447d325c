#include <errno.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 256 };

static int add_setting(struct profile *p, const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals || p->n_settings == MOST)
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

static int copy(struct profile *to, const struct profile *from)
{
	to->settings = copy_of(from->settings, from->n_settings, sizeof *to->settings);
	for (size_t i = 0; to->settings && i < from->n_settings; i++) {
		struct profile_setting *setting = &to->settings[i];
		to->n_settings++;
		setting->key = strdup(from->settings[i].key);
		setting->value = strdup(from->settings[i].value);
		if (!setting->key || !setting->value)
			return -ENOMEM;
	}
	return to->n_settings == from->n_settings ? 0 : -ENOMEM;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_settings; i++) {
		free(p->settings[i].key);
		free(p->settings[i].value);
	}
	free(p->settings);
	p->settings = NULL;
	p->n_settings = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct part part_settings = {
	.takes = { { PROFILE_META, take_settings } },
	.begin = begin,
	.copy = copy,
	.drop = drop,
};

const char *profile_setting(const struct profile *profile, const char *key)
{
	for (size_t i = 0; i < profile->n_settings; i++)
		if (strcmp(profile->settings[i].key, key) == 0)
			return profile->settings[i].value;
	return NULL;
}

const char *profile_killed(const struct profile *profile)
{
	const char *killed = profile_setting(profile, "killed");
	if (killed && strcmp(killed, "oom") == 0)
		return "killed: out of memory";
	return killed && strcmp(killed, "oom?") == 0 ? "killed: probably out of memory" : NULL;
}
