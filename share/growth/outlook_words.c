#include <stdarg.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/outlook.h"
#include "share/json.h"
#include "share/metrics.h"

struct sentence {
	char *out;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	int n = vsnprintf(s->out + s->n, OUTLOOK_SENTENCE - s->n, format, values);
	va_end(values);
	if (n > 0)
		s->n += (size_t)n;
	if (s->n >= OUTLOOK_SENTENCE)
		s->n = OUTLOOK_SENTENCE - 1;
}

/* ---- figures ---- */

/* Decimals for three digits that count. */
static int decimals(double value)
{
	double size = value < 0 ? -value : value;
	return size >= 20 ? 0 : size >= 2 ? 1 : size >= 0.2 ? 2 : 3;
}

static void say_rate(struct sentence *s, const struct answer *a, const char *unit)
{
	int n = decimals(a->slope);
	say(s, "%.*f %s (95 %%: %.*f–%.*f)", n, a->slope, unit, n, a->low, n, a->high);
}

/* "150 s", "12 min", "21 h", "40 d": in the unit that keeps it short. */
static void say_time(struct sentence *s, double seconds)
{
	if (seconds < 600)
		say(s, "%.0f s", seconds);
	else if (seconds < 2 * 3600)
		say(s, "%.0f min", seconds / 60);
	else if (seconds < 2 * 86400)
		say(s, "%.0f h", seconds / 3600);
	else
		say(s, "%.0f d", seconds / 86400);
}

static void say_hours(struct sentence *s, double middle, double low, double high)
{
	double unit = middle < 2 ? 1.0 / 60 : middle < 48 ? 1 : 24;
	const char *word = middle < 2 ? "min" : middle < 48 ? "h" : "d";
	if (middle > 24 * 365 * 3) {
		say(s, "years");
		return;
	}
	int n = middle / unit < 3 ? 1 : 0;
	say(s, "%.*f %s (%.*f–%.*f)", n, middle / unit, word, n, low / unit, n, high / unit);
}

/* ---- the sentences ---- */

static void say_limit(struct sentence *s, const struct outlook *o, const struct outlook_curve *c)
{
	char limit[FORMAT_SIZE];
	if (c->reached <= 0)
		return;
	format_memory(limit, c->limit);
	if (c->kind == OUTLOOK_GPU)
		say(s, "; at this rate its %s are reached in ", limit);
	else if (o->slows)
		say(s, "; at this rate the %s above which it is slowed down are reached in ",
		    limit);
	else
		say(s, "; at this rate the %s allowed are reached in ", limit);
	say_hours(s, c->reached, c->soonest, c->latest);
}

static void say_place(struct sentence *s, const struct outlook *o)
{
	const double most = 0.5, part = 0.2;
	if (o->place[0] && o->share >= most)
		say(s, ", mostly at %s", o->place);
	else if (o->place[0] && o->share >= part)
		say(s, ", %.0f %% of it at %s", 100 * o->share, o->place);
}

static void say_rounds(struct sentence *s, const struct outlook *o)
{
	int n = decimals(o->rounds.slope);
	if (o->rounds.kind == ANSWER_GROWS)
		say(s, "; %+.*f MiB per \"%s\" (%.*f–%.*f)", n, o->rounds.slope, o->round, n,
		    o->rounds.low, n, o->rounds.high);
}

static void say_growth(struct sentence *s, const struct outlook *o, size_t at)
{
	const struct answer *a = &o->curves[at].answer;
	const double steady = 0.3; /* the interval's width against the slope */
	say(s, "grows ");
	say_rate(s, a, "MiB/h");
	say(s, " after the first ");
	say_time(s, a->since);
	if (a->high - a->low < steady * a->slope)
		say(s, ", steadily");
	if (at > 0)
		return;
	say_place(s, o);
	say_rounds(s, o);
}

static void say_short(struct sentence *s, const struct outlook *o, size_t at)
{
	if (at == 0 && o->rounds.kind == ANSWER_GROWS) {
		char unit[96];
		snprintf(unit, sizeof unit, "MiB per \"%s\"", o->round);
		say(s, "grows ");
		say_rate(s, &o->rounds, unit);
		say_place(s, o);
		return;
	}
	double wanted = o->curves[at].answer.wanted;
	say(s, "too short to tell; ");
	if (wanted < 7200) /* whole minutes, upwards */
		say(s, "%lld min would do", ((long long)wanted + 59) / 60);
	else
		say(s, "%lld h would do", ((long long)wanted + 3599) / 3600);
}

/* What its ups and downs would hide is said where that is much. */
static void say_flat(struct sentence *s, const struct answer *a)
{
	const double much = 0.1, least = 4; /* of what it holds; MiB */
	double hours = (a->until - a->since) / 3600, hidden = a->high * hours;
	double floor = much * a->held > least ? much * a->held : least;
	if (a->high < 0 && -a->grown > floor)
		say(s, "does not grow: it falls");
	else if (hidden > floor)
		say(s, "flat, with ups and downs that would hide %.0f MiB/h", a->high);
	else
		say(s, "flat");
	say(s, " after the first ");
	say_time(s, a->since);
}

static void say_step(struct sentence *s, const struct answer *a)
{
	if (a->steps > 1)
		say(s, "%u steps, the largest at ", a->steps);
	else
		say(s, "%sone step at ", a->late ? "flat until " : "");
	say_time(s, a->step);
	if (a->late)
		say(s, ", too late to tell whether that stays");
}

char *outlook_say(char out[OUTLOOK_SENTENCE], const struct outlook *o, size_t at)
{
	struct sentence s = { out, 0 };
	const struct answer *a = &o->curves[at].answer;
	*out = '\0';
	if (a->kind == ANSWER_GROWS)
		say_growth(&s, o, at);
	else if (a->kind == ANSWER_SETTLES)
		say(&s, "settles");
	else if (a->kind == ANSWER_STEP)
		say_step(&s, a);
	else if (a->kind == ANSWER_FLAT)
		say_flat(&s, a);
	else
		say_short(&s, o, at);
	say_limit(&s, o, &o->curves[at]);
	return out;
}

char *outlook_name(char out[OUTLOOK_PLACE], const struct outlook_curve *c)
{
	const char *of = c->of ? c->of : "";
	if (c->kind == OUTLOOK_MEMORY)
		*out = '\0';
	else
		snprintf(out, OUTLOOK_PLACE, "%s%s", c->kind == OUTLOOK_GPU ? "GPU " : "",
			 c->kind == OUTLOOK_METRIC ? metric_brief(of) : of);
	return out;
}

/* ---- JSON ---- */

static void put_rate(FILE *out, const char *unit, const struct answer *a)
{
	fprintf(out, ", \"%s\": %.6g, \"low\": %.6g, \"high\": %.6g", unit, a->slope, a->low,
		a->high);
}

static void put_rounds(FILE *out, const struct outlook *o)
{
	fputs(", \"rounds\": {\"of\": ", out);
	json_text(out, o->round);
	fprintf(out, ", \"answer\": \"%s\"", answer_word(o->rounds.kind));
	if (o->rounds.kind != ANSWER_TOO_SHORT)
		put_rate(out, "mib", &o->rounds);
	putc('}', out);
}

static void put_answer(FILE *out, const struct outlook_curve *c)
{
	const struct answer *a = &c->answer;
	fprintf(out, ", \"answer\": \"%s\"", answer_word(a->kind));
	if (a->kind == ANSWER_TOO_SHORT) {
		fprintf(out, ", \"would_do_s\": %.0f", a->wanted);
		return;
	}
	put_rate(out, "mib_per_h", a);
	fprintf(out, ", \"from_s\": %.3f, \"to_s\": %.3f, \"grown_mib\": %.6f", a->since, a->until,
		a->grown);
	if (a->period > 0)
		fprintf(out, ", \"period_s\": %.3f", a->period);
	if (a->kind == ANSWER_STEP)
		fprintf(out, ", \"steps\": %u, \"step_s\": %.3f", a->steps, a->step);
	if (c->reached > 0)
		fprintf(out,
			", \"limit_mib\": %.6f, \"reached_h\": %.6g, \"reached_low_h\": %.6g, "
			"\"reached_high_h\": %.6g",
			c->limit, c->reached, c->soonest, c->latest);
}

void outlook_json(FILE *out, const struct outlook *o)
{
	static const char *const kinds[OUTLOOK_KINDS] = { "memory", "metric", "gpu", "children" };
	char sentence[OUTLOOK_SENTENCE];
	putc('[', out);
	for (size_t i = 0; i < o->n; i++) {
		const struct outlook_curve *c = &o->curves[i];
		fprintf(out, "%s{\"kind\": \"%s\", \"of\": ", i ? ", " : "", kinds[c->kind]);
		json_text_or_null(out, c->of);
		put_answer(out, c);
		if (i == 0 && o->round[0])
			put_rounds(out, o);
		if (i == 0 && o->place[0]) {
			fputs(", \"place\": ", out);
			json_text(out, o->place);
			fprintf(out, ", \"share\": %.3f", o->share);
		}
		fputs(", \"sentence\": ", out);
		json_text(out, outlook_say(sentence, o, i));
		putc('}', out);
	}
	putc(']', out);
}
