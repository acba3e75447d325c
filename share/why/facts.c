#include "share/why/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/catalog.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"

double why_seconds(const struct profile *p)
{
	int64_t end = profile_end_us(p);
	return p->start_us && end > p->start_us ? sample_seconds(end - p->start_us) : 0;
}

bool why_number(const struct profile *p, const char *key, long *value)
{
	const char *text = profile_setting(p, key);
	return text && number_whole(text, value) == 0;
}

bool why_word(const struct profile *p, unsigned place, char out[WHY_WORD])
{
	char *words = p->command ? strdup(p->command) : NULL, *cursor = words, *word;
	bool found = words != NULL;
	for (unsigned i = 0; found && i <= place; i++)
		found = profile_unquote(&cursor, &word) == 1;
	if (found)
		snprintf(out, WHY_WORD, "%s", word);
	free(words);
	return found;
}

bool why_runs(const struct profile *p, const char *const names[])
{
	char first[WHY_WORD];
	if (!why_word(p, 0, first))
		return false;
	for (; *names; names++)
		if (strcmp(text_base_name(first), *names) == 0)
			return true;
	return false;
}

char *why_signal(char out[FORMAT_SIZE], int number)
{
	return format_end(out, -number);
}

const char *why_unwritten(const struct profile *p, bool *full)
{
	static const struct {
		const char *word, *words;
		bool full;
	} causes[] = {
		{ "full", "the disk was full", true },
		{ "quota", "the quota on the disk was used up", true },
		{ "size", "its file might not be larger (RLIMIT_FSIZE)", true },
		{ "error", "its file could not be written", true },
		{ "reader", "whoever read them did not keep up", false },
		{ "memory", "the recorder had no memory for them", false },
	};
	const char *told = profile_setting(p, "unwritten");
	for (size_t i = 0; told && i < sizeof causes / sizeof *causes; i++)
		if (strcmp(told, causes[i].word) == 0) {
			*full = causes[i].full;
			return causes[i].words;
		}
	*full = false;
	return NULL;
}

bool why_is_python(const struct profile *p)
{
	char first[WHY_WORD];
	if (profile_setting(p, "python") || p->n_functions > 0 || p->n_listings > 0)
		return true;
	return why_word(p, 0, first) &&
	       (strncmp(text_base_name(first), "python", 6) == 0 || text_ends_in(first, ".py"));
}

char *why_operand(char *out, size_t size, const struct profile *p)
{
	char quoted[1024];
	*out = '\0';
	bool one_of_many = profile_setting(p, "launcher") != NULL;
	if ((catalog_is_recording(p->path) && !one_of_many) || strcmp(p->path, "-") == 0)
		return out;
	profile_quote(quoted, sizeof quoted, p->path);
	snprintf(out, size, " %s%s", *quoted == '-' ? "./" : "", quoted);
	return out;
}

char *why_program(char *out, size_t size, const struct profile *p)
{
	enum { SHORT = 60 };
	bool told = p->command && *p->command && strlen(p->command) <= SHORT;
	snprintf(out, size, "%s", told ? p->command : "PROGRAM");
	return out;
}
