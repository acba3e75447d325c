#include <stdarg.h>
#include <string.h>

#include "share/bill.h"
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
	int n = middle / unit < 3 || (high - low) / unit < 1 ? 1 : 0;
	say(s, "%.*f %s (%.*f–%.*f)", n, middle / unit, word, n, low / unit, n, high / unit);
}

/* ---- the sentences ---- */

static void say_limit(struct sentence *s, const struct outlook_curve *c)
{
	static const char *const limits[OUTLOOK_LIMITS] = {
		[OUTLOOK_ALLOWED] = " allowed",
		[OUTLOOK_SLOWED] = " above which it is slowed down",
		[OUTLOOK_MACHINE] = " of the machine",
		[OUTLOOK_ADDRESSES] = " of addresses allowed",
		[OUTLOOK_DEVICE] = "",
	};
	char limit[FORMAT_SIZE];
	if (c->reached <= 0)
		return;
	say(s, "; at this rate %s %s%s are reached in ",
	    c->limit_of == OUTLOOK_DEVICE ? "its" : "the", format_memory(limit, c->limit),
	    limits[c->limit_of]);
	say_hours(s, c->reached, c->soonest, c->latest);
}

static void say_place(struct sentence *s, const struct outlook_curve *c)
{
	const double most = 0.5, part = 0.2;
	if (c->place[0] && c->share >= most)
		say(s, ", mostly at %s", c->place);
	else if (c->place[0] && c->share >= part)
		say(s, ", %.0f %% of it at %s", 100 * c->share, c->place);
}

static void say_rounds(struct sentence *s, const struct outlook *o, const struct answer *rounds)
{
	int n = decimals(rounds->slope);
	if (rounds->kind == ANSWER_GROWS)
		say(s, "; %+.*f MiB per \"%s\" (%.*f–%.*f)", n, rounds->slope, o->round, n,
		    rounds->low, n, rounds->high);
}

static void say_grown(struct sentence *s, const struct answer *a)
{
	char grown[FORMAT_SIZE];
	say(s, "grew about %s", format_memory(grown, a->grown));
}

/* No rate can be told of it, or it stands still: yet it grew. */
static void say_heap_grew(struct sentence *s, const struct outlook_curve *heap)
{
	const double most = 0.5;
	say(s, "; its live heap ");
	say_grown(s, &heap->answer);
	if (heap->share >= most)
		say_place(s, heap);
	if (heap->answer.kind == ANSWER_UNEVEN) {
		say(s, ", too unevenly to tell how fast");
	} else {
		say(s, " until ");
		say_time(s, heap->answer.until);
	}
}

/* What it holds of its heap is not what grows. */
static void say_heap(struct sentence *s, const struct outlook *o)
{
	const struct answer *all = &o->curves[0].answer, *heap = &o->curves[o->heap].answer;
	bool grows = heap->kind == ANSWER_GROWS;
	bool grew = heap->kind == ANSWER_UNEVEN || heap->kind == ANSWER_STOPPED;
	if (!o->heap || !o->whole || heap->kind == ANSWER_TOO_SHORT ||
	    (grows && 2 * heap->high > all->low))
		return;
	if (grew) {
		say_heap_grew(s, &o->curves[o->heap]);
		return;
	}
	if (grows)
		say(s, "; its live heap grows by only %.*f of that", decimals(heap->slope),
		    heap->slope);
	else
		say(s, "; its live heap does not grow");
	if (o->other >= 0)
		say(s, ", but \"%s\" of its bill does", bill_names[o->other]);
	else
		say(s, ": run -b bill tells what does");
}

/* Where the clock was set back, its time begins before the first sample's: that is left out. */
static void say_since(struct sentence *s, const struct answer *a)
{
	if (a->since <= 0)
		return;
	say(s, " after the first ");
	say_time(s, a->since);
}

static void say_growth(struct sentence *s, const struct outlook *o, size_t at)
{
	const struct outlook_curve *c = &o->curves[at];
	const struct answer *a = &c->answer;
	const double steady = 0.3; /* the interval's width against the slope */
	say(s, "grows ");
	say_rate(s, a, "MiB/h");
	say_since(s, a);
	if (a->high - a->low < steady * a->slope)
		say(s, ", steadily");
	if (a->paused > 0) {
		say(s, ", but for ");
		say_time(s, a->paused);
		say(s, " in which it stood still");
	}
	say_place(s, c);
	say_rounds(s, o, &c->rounds);
	if (at == 0)
		say_heap(s, o);
}

static void say_short(struct sentence *s, const struct outlook *o, size_t at)
{
	const struct outlook_curve *c = &o->curves[at];
	if (c->rounds.kind == ANSWER_GROWS) {
		char unit[96];
		snprintf(unit, sizeof unit, "MiB per \"%s\"", o->round);
		say(s, "grows ");
		say_rate(s, &c->rounds, unit);
		say_place(s, c);
		return;
	}
	double wanted = c->answer.wanted;
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
	say_since(s, a);
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

/* Whether it is idle, or done with growing, no curve tells. */
static void say_stopped(struct sentence *s, const struct outlook_curve *c)
{
	say(s, "grew ");
	say_rate(s, &c->answer, "MiB/h");
	say(s, " until ");
	say_time(s, c->answer.until);
	say_place(s, c);
	say(s, ", and stands still since");
}

static void say_uneven(struct sentence *s, const struct outlook_curve *c)
{
	const struct answer *a = &c->answer;
	say_grown(s, a);
	say(s, " in ");
	say_time(s, a->until - a->since);
	say_place(s, c);
	say(s, ", too unevenly to tell how fast");
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
	else if (a->kind == ANSWER_STOPPED)
		say_stopped(&s, &o->curves[at]);
	else if (a->kind == ANSWER_UNEVEN)
		say_uneven(&s, &o->curves[at]);
	else if (a->kind == ANSWER_FLAT)
		say_flat(&s, a);
	else
		say_short(&s, o, at);
	say_limit(&s, &o->curves[at]);
	return out;
}

char *outlook_name(char out[OUTLOOK_PLACE], const struct outlook_curve *c)
{
	static const char *const names[OUTLOOK_KINDS] = { "", "live heap", "", "GPU ", "" };
	const char *of = c->kind == OUTLOOK_MEMORY || !c->of ? "" : c->of;
	snprintf(out, OUTLOOK_PLACE, "%s%s", names[c->kind],
		 c->kind == OUTLOOK_METRIC ? metric_brief(of) : of);
	return out;
}

/* ---- JSON ---- */

static void put_rate(FILE *out, const char *unit, const struct answer *a)
{
	fprintf(out, ", \"%s\": %.6g, \"low\": %.6g, \"high\": %.6g", unit, a->slope, a->low,
		a->high);
}

static void put_rounds(FILE *out, const struct outlook *o, const struct answer *rounds)
{
	fputs(", \"rounds\": {\"of\": ", out);
	json_text(out, o->round);
	fprintf(out, ", \"answer\": \"%s\"", answer_word(rounds->kind));
	if (rounds->kind != ANSWER_TOO_SHORT)
		put_rate(out, "mib", rounds);
	putc('}', out);
}

static void put_answer(FILE *out, const struct outlook_curve *c)
{
	static const char *const limits[OUTLOOK_LIMITS] = { "none",    "cgroup",    "cgroup.high",
							    "machine", "addresses", "device" };
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
	if (a->paused > 0)
		fprintf(out, ", \"paused_s\": %.3f", a->paused);
	if (a->kind == ANSWER_STEP)
		fprintf(out, ", \"steps\": %u, \"step_s\": %.3f", a->steps, a->step);
	if (c->reached > 0)
		fprintf(out,
			", \"limit\": \"%s\", \"limit_mib\": %.6f, \"reached_h\": %.6g, "
			"\"reached_low_h\": %.6g, "
			"\"reached_high_h\": %.6g",
			limits[c->limit_of], c->limit, c->reached, c->soonest, c->latest);
}

static void put_curve(FILE *out, const struct outlook *o, size_t at)
{
	static const char *const kinds[OUTLOOK_KINDS] = { "memory", "heap", "metric", "gpu",
							  "children" };
	char sentence[OUTLOOK_SENTENCE];
	const struct outlook_curve *c = &o->curves[at];
	bool own = at == 0 || at == o->heap;
	fprintf(out, "{\"kind\": \"%s\", \"of\": ", kinds[c->kind]);
	json_text_or_null(out, c->of);
	put_answer(out, c);
	if (own && o->round[0])
		put_rounds(out, o, &c->rounds);
	if (c->place[0]) {
		fputs(", \"place\": ", out);
		json_text(out, c->place);
		fprintf(out, ", \"share\": %.3f", c->share);
	}
	if (at == 0 && o->other >= 0)
		fprintf(out, ", \"bill\": \"%s\"", bill_words[o->other]);
	fputs(", \"sentence\": ", out);
	json_text(out, outlook_say(sentence, o, at));
	putc('}', out);
}

void outlook_json(FILE *out, const struct outlook *o)
{
	putc('[', out);
	for (size_t i = 0; i < o->n; i++) {
		fputs(i ? ", " : "", out);
		put_curve(out, o, i);
	}
	putc(']', out);
}
