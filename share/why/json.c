/* For programs: one object of at most 1.5 KB. */
#include "share/json.h"

#include <stdlib.h>
#include <string.h>

#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/facts.h"
#include "share/why/why.h"

static const char *const topics[WHY_TOPICS] = {
	[WHY_END] = "end",     [WHY_CARD] = "card",     [WHY_PEAK] = "peak",
	[WHY_PLACE] = "lines", [WHY_GROWTH] = "growth", [WHY_ODD] = "odd",
};

static double width_of(void *context, const char *text)
{
	(void)context;
	return (double)strlen(text);
}

static void put_text(FILE *out, const char *name, const char *text, size_t room)
{
	char *shown = text ? strdup(text) : NULL;
	fprintf(out, "\"%s\":", name);
	if (shown)
		text_shorten(shown, (double)room, width_of, NULL);
	json_text_or_null(out, shown);
	free(shown);
}

static void put_number(FILE *out, const char *name, bool known, double value)
{
	if (known)
		fprintf(out, ",\"%s\":%.6f", name, value);
	else
		fprintf(out, ",\"%s\":null", name);
}

/* An object, without its end. */
static void begin_statement(FILE *out, const struct why_statement *s, size_t room)
{
	fprintf(out, "{\"kind\":\"%s\",\"known\":\"%s\",", s->kind, known_key(s->known));
	put_text(out, "words", s->words, room);
	fputc(',', out);
	put_text(out, "by", s->evidence, room);
}

static void put_growth(FILE *out, const struct why_growth *g)
{
	if (!g->grows)
		return;
	fprintf(out, ",\"mib_per_h\":%.6g,\"low\":%.6g,\"high\":%.6g", g->rate, g->low, g->high);
	if (g->reached > 0)
		fprintf(out, ",\"reached_h\":%.6g", g->reached);
}

static void put_figures(FILE *out, const struct why *why)
{
	const struct profile *p = why->profile;
	bool known = p->ended && p->status != PROFILE_STATUS_UNKNOWN;
	if (known)
		fprintf(out, ",\"status\":%d", p->status);
	else
		fputs(",\"status\":null", out);
	put_number(out, "seconds", p->start_us > 0, why_seconds(p));
	put_number(out, "peak_mib", why->peak > 0, why->peak);
	put_number(out, "allowed_mib", why->allowed > 0, why->allowed);
}

static void put_odd(FILE *out, const struct why *why, size_t odd, size_t room)
{
	bool any = false;
	fputs(",\"odd\":[", out);
	for (size_t i = 0; i < why->n; i++) {
		if (why->statements[i].topic != WHY_ODD || odd-- == 0)
			continue;
		fputs(any ? "," : "", out);
		any = true;
		begin_statement(out, &why->statements[i], room);
		fputc('}', out);
		if (odd == 0)
			break;
	}
	fputc(']', out);
}

static void put_topic(FILE *out, const struct why *why, enum why_topic topic, size_t room)
{
	const struct why_statement *s = why_about(why, topic);
	fprintf(out, ",\"%s\":", topics[topic]);
	if (!s) {
		fputs("null", out);
		return;
	}
	begin_statement(out, s, room);
	if (topic == WHY_GROWTH)
		put_growth(out, &why->growth);
	fputc('}', out);
}

/* Only where there are any. */
static void put_ranks(FILE *out, const struct why *why, size_t most)
{
	if (why->n_ranks == 0)
		return;
	fputs(",\"ranks\":[", out);
	for (size_t i = 0; i < why->n_ranks && i < most; i++) {
		const struct why_rank *rank = &why->ranks[i];
		fprintf(out, "%s{\"pid\":%d,", i > 0 ? "," : "", (int)rank->pid);
		put_text(out, "device", rank->device, 16);
		fprintf(out, ",\"cause\":\"%s\",\"later_s\":%.3f}", rank->cause, rank->later);
	}
	fputc(']', out);
}

static void put_all(FILE *out, const struct why *why, size_t odd, size_t room)
{
	fputc('{', out);
	put_text(out, "profile", why->profile->path, room);
	put_figures(out, why);
	fputs(",", out);
	put_text(out, "cause", why->cause, 80);
	for (int topic = 0; topic < WHY_ODD; topic++)
		put_topic(out, why, (enum why_topic)topic, room);
	put_ranks(out, why, odd);
	put_odd(out, why, odd, room);
	fputc(',', out);
	put_text(out, "next", why->next, 2 * room);
	fputs("}\n", out);
}

static char *render(const struct why *why, size_t odd, size_t room)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return NULL;
	put_all(out, why, odd, room);
	fclose(out);
	return text;
}

void why_print_json(FILE *out, const struct why *why)
{
	static const struct {
		size_t odd, room;
	} tries[] = { { 8, 450 }, { 8, 250 }, { 4, 250 }, { 4, 150 },
		      { 3, 100 }, { 2, 60 },  { 1, 30 },  { 0, 12 } };
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		char *text = render(why, tries[i].odd, tries[i].room);
		bool last = i + 1 == sizeof tries / sizeof *tries;
		bool fits = text && strlen(text) <= WHY_JSON;
		if (fits || (text && last))
			fputs(text, out);
		free(text);
		if (fits)
			return;
	}
}
