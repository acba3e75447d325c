#include "share/fleet/merged.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/member.h"
#include "share/number.h"
#include "share/profile/quote.h"

/* ---- RANK ---- */

/* "1764402600.123456", which a double would not hold to the digit. */
static int64_t moment_of(const char *text)
{
	double seconds;
	const char *point = strchr(text, '.');
	long whole, rest;
	char head[24];
	if (number_decimal(text, &seconds) < 0 || seconds < 0 || seconds > 1e11)
		return 0;
	size_t n = point ? (size_t)(point - text) : strlen(text);
	if (!point || n >= sizeof head || strlen(point + 1) != 6)
		return llround(seconds * 1e6);
	memcpy(head, text, n);
	head[n] = '\0';
	if (number_whole(head, &whole) < 0 || number_whole(point + 1, &rest) < 0)
		return llround(seconds * 1e6);
	return whole * INT64_C(1000000) + rest;
}

/* A word of a later version says nothing. */
static enum known known_of(const char *word)
{
	enum known known = KNOWN_EXACT;
	while (known < KNOWN_UNKNOWN && strcmp(word, known_key(known)) != 0)
		known++;
	return known;
}

/* What META does not tell, or means otherwise. */
static int tell(struct fleet_member *m, const char *key, const char *value)
{
	if (strcmp(key, "path") == 0)
		return member_tell_text(&m->path, value);
	if (strcmp(key, "command") == 0)
		return member_tell_text(&m->command, value);
	if (strcmp(key, "killed") == 0)
		return member_tell_text(&m->killed, value);
	if (strcmp(key, "known") == 0)
		m->known = known_of(value);
	else if (strcmp(key, "peak_from") == 0)
		m->highest.from = moment_of(value);
	else if (strcmp(key, "peak_by") == 0)
		m->exact = strcmp(value, "mark") == 0;
	else if (strcmp(key, "ended") == 0)
		m->ended = strcmp(value, "1") == 0;
	else
		return member_tell(m, key, value);
	return 0;
}

static int tell_all(struct fleet_member *m, const char *text)
{
	char *words = strdup(text), *cursor = words, *word;
	int r = words ? 0 : -ENOMEM;
	while (r == 0 && profile_unquote(&cursor, &word) == 1) {
		char *equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		r = tell(m, word, equals + 1);
	}
	free(words);
	return r;
}

static int begin(struct merged *merged, const struct profile_record *record)
{
	struct fleet_member *m = &merged->member;
	int r = merged_end(merged);
	if (r != 0)
		return r;
	merged->any = true;
	merged->n++;
	merged->number = record->member;
	merged->points = (struct points){ .limit = member_columns(merged->wish) };
	*m = (struct fleet_member){
		.rank = record->rank < 0 ? -1 : (long)record->rank,
		.from = record->from,
		.to = record->to,
		.status = record->status,
		.known = KNOWN_UNKNOWN,
		.highest = { record->at.umib, record->at.us, record->at.us },
	};
	return tell_all(m, record->text);
}

/* ---- what follows it ---- */

static int64_t above_0(int64_t umib, int64_t below)
{
	return below < umib ? umib - below : 0;
}

static int add_point(struct merged *merged, const struct profile_record *record)
{
	int64_t umib = record->at.umib;
	const struct fleet_point point = { record->at.us, umib, above_0(umib, record->lowest),
					   above_0(umib, record->first),
					   above_0(umib, record->last) };
	return points_add(&merged->points, &point);
}

static int add_grown(struct merged *merged, const struct profile_record *record)
{
	struct fleet_grown grown = { (char *)record->place.file, (char *)record->function,
				     record->place.line, record->increment };
	if (!merged->wish->growth || merged->member.n_grown == MEMBER_GROWN)
		return 0;
	return member_add_grown(&merged->member, &grown);
}

int merged_take(struct merged *merged, const struct profile_record *record)
{
	if (record->kind == PROFILE_RANK)
		return begin(merged, record);
	if (merged->number == 0 || record->member != merged->number)
		return 0;
	switch (record->kind) {
	case PROFILE_RMEM: return add_point(merged, record);
	case PROFILE_RGROW: return add_grown(merged, record);
	case PROFILE_RMARK:
		return member_add_mark(&merged->member, merged->wish, &record->at, record->text);
	default: return 0;
	}
}

int merged_end(struct merged *merged)
{
	struct fleet_member member = merged->member;
	if (merged->number == 0)
		return 0;
	points_end(&merged->points);
	member.points = merged->points.all;
	member.n_points = merged->points.n;
	merged->points = (struct points){ 0 };
	merged->member = (struct fleet_member){ 0 };
	merged->number = 0;
	return merged->sink->take(merged->sink->context, &member);
}

void merged_forget(struct merged *merged)
{
	free(merged->points.all);
	member_free(&merged->member);
	merged->points = (struct points){ 0 };
	merged->number = 0;
}
