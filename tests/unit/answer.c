/* The growth answer on curves that were made up, with fixed seeds: how often it is right. */
#include "share/growth/answer.h"

#include <math.h>

#include "share/growth/curve.h"
#include "share/growth/pauses.h"
#include "share/profile/columns.h"
#include "tests/check.h"

enum { TRIES = 100 };

/* ---- chance ---- */

static uint64_t state;

static double uniform(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) / 0x1p53;
}

static double normal(void)
{
	double u = uniform(), v = uniform();
	return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

static double exponential(void)
{
	return -log(1 - uniform());
}

/* ---- curves: MiB at each moment, one after another ---- */

struct world {
	double seconds, rate; /* samples a second */
	double grows;         /* MiB/h */
	double shape;         /* what else a kind of curve has */
	double t, value, next;
	double moments[8];
	unsigned n;
};

typedef double curve_kind(struct world *w);

static double noise(double size)
{
	return size * normal();
}

static double flat(struct world *w)
{
	(void)w;
	return 300 + noise(1);
}

static double loud(struct world *w)
{
	(void)w;
	return 800 + noise(100);
}

/* A first-order process whose memory is 60 s long. */
static double wander(struct world *w)
{
	double keeps = exp(-1 / (60 * w->rate));
	if (w->t == 0)
		w->value = 5 * normal();
	w->value = keeps * w->value + 5 * sqrt(1 - keeps * keeps) * normal();
	return 300 + w->value + noise(0.3);
}

/* Falls back to its floor each 5 to 45 s. */
static double saw(struct world *w)
{
	if (w->t == 0)
		w->value = uniform() * 60;
	w->value += 60 / (w->shape > 0 ? w->shape : 20) / w->rate;
	if (w->value > 60 + w->next) {
		w->value = 0;
		w->next = 10 * normal();
	}
	return 300 + w->value + noise(1);
}

/* Cycles that become longer and longer, as a collector's with a growing heap. */
static double cycles(struct world *w)
{
	if (w->t == 0)
		w->next = 20;
	w->value += 2 / w->rate;
	if (w->value > w->next) {
		w->value = 0;
		w->next *= 1.15;
	}
	return 300 + w->value + noise(1);
}

static double warm_up(struct world *w)
{
	if (w->t == 0)
		w->value = w->seconds * (0.07 + 0.15 * uniform());
	return 100 + 200 * (1 - exp(-w->t / w->value)) + noise(1);
}

static double steps(struct world *w)
{
	double held = 200;
	if (w->t == 0)
		for (unsigned i = 0; i < 4; i++)
			w->moments[i] = w->seconds * uniform();
	for (unsigned i = 0; i < 4; i++)
		held += w->t >= w->moments[i] ? 40 : 0;
	return held + noise(1);
}

static double logarithm(struct world *w)
{
	return 100 + 60 * log(1 + w->t / (w->seconds / 60)) + noise(1);
}

static double stops(struct world *w)
{
	double until = 0.6 * w->seconds;
	return 100 + 1800.0 / 3600 * (w->t < until ? w->t : until) + noise(1);
}

static double burst(struct world *w)
{
	double part = w->t / w->seconds;
	return 300 + (part > 0.5 && part < 0.62 ? 400 : 0) + noise(1);
}

static double frees_all(struct world *w)
{
	return (w->t > 0.97 * w->seconds ? 20 : 300) + noise(1);
}

static double falls(struct world *w)
{
	return 500 - 200 * w->t / w->seconds + noise(1);
}

/* A cache of 120 MiB that is filled in an hour's sixth and thrown away. */
static double cache(struct world *w)
{
	double period = w->seconds / 7.3;
	return 300 + 120 * fmod(w->t / period + 0.3, 1) + noise(1);
}

static double grows(struct world *w)
{
	return flat(w) + w->grows / 3600 * w->t;
}

static double grows_in_saw(struct world *w)
{
	return saw(w) + w->grows / 3600 * w->t;
}

static double grows_loudly(struct world *w)
{
	return loud(w) + w->grows / 3600 * w->t;
}

static double grows_in_stairs(struct world *w)
{
	return flat(w) + w->grows / 3600 * 15 * floor(w->t / 15);
}

/* As a request comes, at random. */
static double grows_by_requests(struct world *w)
{
	if (w->t == 0)
		w->next = 0;
	for (; w->next <= w->t; w->next += 2 * exponential())
		w->value += w->grows / 3600 * 2;
	return 300 + w->value + noise(1);
}

static double grows_and_frees(struct world *w)
{
	return w->t > 0.97 * w->seconds ? 20 : grows_in_saw(w);
}

static double grows_late(struct world *w)
{
	double from = 0.5 * w->seconds;
	return flat(w) + (w->t > from ? w->grows / 3600 * (w->t - from) : 0);
}

static double grows_after_warm_up(struct world *w)
{
	return 100 + 200 * (1 - exp(-w->t / 40)) + w->grows / 3600 * w->t + noise(1);
}

static double grows_with_gaps(struct world *w)
{
	return fmod(w->t, 100) > 70 ? -1 : grows_in_saw(w);
}

/* Grows and then does nothing for 30 % of the time; what it holds is the same to the page. */
static double grows_and_idles(struct world *w)
{
	if (w->t <= 0.7 * w->seconds)
		w->value = grows_in_saw(w);
	return w->value;
}

/* Is stopped for 30 % of the time. */
static double grows_and_is_stopped(struct world *w)
{
	double from = 0.5 * w->seconds, to = 0.8 * w->seconds, t = w->t;
	if (t > from && t < to)
		return w->value;
	if (t >= to)
		w->t -= to - from;
	w->value = flat(w) + w->grows / 3600 * w->t;
	w->t = t;
	return w->value;
}

/* The machine sleeps for nine tenths of the time. */
static double grows_and_sleeps(struct world *w)
{
	double from = 0.05 * w->seconds, to = 0.95 * w->seconds, t = w->t;
	if (t > from && t < to)
		return -1;
	if (t >= to)
		w->t -= to - from;
	w->value = flat(w) + w->grows / 3600 * w->t;
	w->t = t;
	return w->value;
}

/* Of 150 MiB, at `shape` of the time. */
static double one_step(struct world *w)
{
	return 200 + (w->t > w->shape * w->seconds ? 150 : 0) + noise(1);
}

/* ---- the table ---- */

static void make(struct columns *columns, struct world w, curve_kind *kind)
{
	*columns = (struct columns){ 0 };
	size_t n = (size_t)(w.seconds * w.rate);
	for (size_t i = 0; i < n; i++) {
		w.t = (double)i / w.rate;
		double mib = kind(&w);
		const struct sample sample = { (int64_t)(w.t * 1e6) + 1700000000000000,
					       (int64_t)(mib * 1e6) };
		if (mib >= 0 && columns_add(columns, &sample, 1) < 0)
			abort();
	}
}

static struct answer answer_of(struct world w, curve_kind *kind)
{
	struct columns columns;
	struct curve curve;
	struct answer answer;
	make(&columns, w, kind);
	if (curve_of_columns(&curve, &columns, 1700000000000000) < 0)
		abort();
	const struct answer_series series = { .points = curve.points, .n = curve.n };
	if (answer_find(&answer, &series) < 0)
		abort();
	curve_free(&curve);
	columns_free(&columns);
	return answer;
}

struct counts {
	unsigned kinds[N_ANSWERS], held; /* so many intervals held the truth, of those that grow */
	double slope;                    /* the mean of those that grow */
};

static struct counts count(const char *name, struct world w, curve_kind *kind, unsigned tries)
{
	struct counts c = { 0 };
	state = 12;
	for (unsigned i = 0; i < tries; i++) {
		struct answer a = answer_of(w, kind);
		c.kinds[a.kind]++;
		if (a.kind != ANSWER_GROWS)
			continue;
		c.slope += a.slope;
		c.held += a.low <= w.grows && w.grows <= a.high;
	}
	unsigned n = c.kinds[ANSWER_GROWS];
	c.slope /= n ? n : 1;
	printf("# %-28s", name);
	for (int i = 0; i < N_ANSWERS; i++)
		printf(" %s %u,", answer_word((enum answer_kind)i), c.kinds[i]);
	printf(" of %u; %.0f MiB/h, held by %u\n", tries, c.slope, c.held);
	return c;
}

struct healthy {
	const char *name;
	curve_kind *kind;
	double shape;
};

static const struct healthy healthy[] = {
	{ "flat", flat, 0 },
	{ "flat, 100 MiB of noise", loud, 0 },
	{ "wander", wander, 0 },
	{ "sawtooth", saw, 0 },
	{ "sawtooth 45 s", saw, 45 },
	{ "sawtooth 5 s", saw, 5 },
	{ "longer cycles", cycles, 0 },
	{ "warm-up", warm_up, 0 },
	{ "steps", steps, 0 },
	{ "log growth", logarithm, 0 },
	{ "growth that stops", stops, 0 },
	{ "burst", burst, 0 },
	{ "frees all at its end", frees_all, 0 },
	{ "falls", falls, 0 },
	{ "cache, filled 7 times", cache, 0 },
};

static void test_healthy(void)
{
	for (size_t i = 0; i < sizeof healthy / sizeof *healthy; i++) {
		struct world w = { .seconds = 600, .rate = 10, .shape = healthy[i].shape };
		struct counts c = count(healthy[i].name, w, healthy[i].kind, TRIES);
		CHECK(c.kinds[ANSWER_GROWS] <= TRIES / 50);
	}
}

struct growing {
	const char *name;
	curve_kind *kind;
	double mib_h, seconds, rate;
	unsigned found; /* of a hundred, at least */
};

static const struct growing growing[] = {
	{ "200 alone", grows, 200, 600, 10, 95 },
	{ "200 in a sawtooth", grows_in_saw, 200, 600, 10, 95 },
	{ "600 in a sawtooth", grows_in_saw, 600, 600, 10, 95 },
	{ "1800 in a sawtooth", grows_in_saw, 1800, 600, 10, 95 },
	{ "600 in stairs", grows_in_stairs, 600, 600, 10, 95 },
	{ "600 by requests", grows_by_requests, 600, 600, 10, 95 },
	{ "600 and frees all", grows_and_frees, 600, 600, 10, 95 },
	{ "1800 in loud noise", grows_loudly, 1800, 600, 10, 95 },
	{ "1800 after warm-up", grows_after_warm_up, 1800, 600, 10, 80 },
	{ "600 late", grows_late, 600, 600, 10, 90 },
	{ "600 with gaps", grows_with_gaps, 600, 600, 10, 80 },
	{ "600 at 1 Hz", grows_in_saw, 600, 600, 1, 95 },
	{ "1800 in 3 min", grows, 1800, 180, 10, 95 },
	{ "3 in two weeks", grows_in_saw, 3, 14 * 86400, 0.01, 95 },
};

static void test_growing(void)
{
	for (size_t i = 0; i < sizeof growing / sizeof *growing; i++) {
		const struct growing *g = &growing[i];
		struct world w = { .seconds = g->seconds, .rate = g->rate, .grows = g->mib_h };
		struct counts c = count(g->name, w, g->kind, TRIES);
		unsigned n = c.kinds[ANSWER_GROWS];
		CHECK(n >= g->found * TRIES / 100);
		CHECK_NEAR(c.slope / g->mib_h, 1, 0.05);
		CHECK(c.held >= 0.9 * n);
	}
}

static void test_pauses(void)
{
	struct world w = { .seconds = 600, .rate = 10, .grows = 1800 };
	struct counts c = count("1800 and idles", w, grows_and_idles, TRIES);
	CHECK(c.kinds[ANSWER_STOPPED] >= 90);
	c = count("1800, stopped meanwhile", w, grows_and_is_stopped, TRIES);
	CHECK(c.kinds[ANSWER_GROWS] >= 95);
	w.seconds = 4000;
	c = count("1800, asleep meanwhile", w, grows_and_sleeps, TRIES);
	CHECK(c.kinds[ANSWER_GROWS] >= 95);
	CHECK_NEAR(c.slope / 1800, 1, 0.05);
}

/* Idle, then suspended without a moment in between, then suspended again. */
static void test_pauses_that_touch(void)
{
	enum { N = 301 };
	struct curve_point points[N];
	struct pauses p;
	struct curve rest;
	for (size_t i = 0; i < N; i++) {
		double at = (double)(i + (i > 150 ? 100 : 0) + (i > 200 ? 100 : 0));
		double mib = (double)(i < 50 ? i : i <= 150 ? 50 : i - 50);
		points[i] = (struct curve_point){ at, mib, mib };
	}
	CHECK_INT(pauses_cut(&p, &rest, points, N), 0);
	CHECK_INT(p.n, 3);
	CHECK_NEAR(p.blind, 202, 0.01);
	CHECK_NEAR(p.total / 302, 1, 0.02);
	CHECK(!p.at_end);
	free(rest.points);
}

/* As one that grew on a busy machine, MiB every 5 s: by no steady rate, but it grew. */
static void test_uneven(void)
{
	static const double mib[] = { 0,   15,  19,  30,  36,  50,  55,  61,  80,  97,  112,
				      128, 139, 142, 146, 154, 157, 163, 166, 171, 175, 180,
				      187, 207, 225, 232, 249, 259, 267, 278, 298 };
	enum { N = sizeof mib / sizeof *mib, PARTS = 10 };
	struct curve_point points[(N - 1) * PARTS];
	struct answer a;
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		double part = (double)(i % PARTS) / PARTS;
		double now = mib[i / PARTS] + part * (mib[i / PARTS + 1] - mib[i / PARTS]);
		points[i] = (struct curve_point){ (double)i * 5 / PARTS, now, now };
	}
	const struct answer_series series = { .points = points,
					      .n = sizeof points / sizeof *points };
	CHECK_INT(answer_find(&a, &series), 0);
	CHECK(a.kind == ANSWER_UNEVEN || a.kind == ANSWER_GROWS);
	CHECK(a.kind != ANSWER_UNEVEN || (a.grown > 150 && a.grown < 300));
}

/* Deterministic: what differs is how often it is looked at, when it was, and in which unit. */
static double teeth(struct world *w)
{
	return w->shape * (300 + 600.0 / 3600 * w->t + 3 * fmod(w->t, 20));
}

static void test_invariance(void)
{
	const struct answer a = answer_of((struct world){ 600, 10, .shape = 1 }, teeth);
	const double rates[] = { 1, 100, 1000 };
	CHECK_INT(a.kind, ANSWER_GROWS);
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct answer b = answer_of((struct world){ 600, rates[i], .shape = 1 }, teeth);
		CHECK_INT(b.kind, ANSWER_GROWS);
		CHECK_NEAR(b.slope / a.slope, 1, 0.03);
	}
	const struct answer large = answer_of((struct world){ 600, 10, .shape = 1024 }, teeth);
	CHECK_INT(large.kind, ANSWER_GROWS);
	CHECK_NEAR(large.slope / a.slope / 1024, 1, 0.001);
	CHECK_NEAR(large.low / a.low / 1024, 1, 0.001);
}

/* Wherever it stands: what is 150 MiB higher than before is not flat. */
static void test_steps(void)
{
	for (double part = 0.3; part < 1; part += 0.045) {
		struct answer a = answer_of((struct world){ 7200, 1, .shape = part }, one_step);
		CHECK_INT(a.kind, ANSWER_STEP);
		CHECK_INT(a.steps, 1);
		CHECK_NEAR(a.step / 7200, part, 0.01);
		CHECK(!a.late || part > 0.95);
	}
}

/* Nothing to tell by, and figures that are none of a program. */
static void test_few(void)
{
	struct answer a;
	struct curve_point points[100] = { 0 };
	for (size_t n = 0; n < 100; n++) {
		points[n] = (struct curve_point){ 0, 5, 5 };
		const struct answer_series series = { .points = points, .n = n };
		CHECK_INT(answer_find(&a, &series), 0);
		CHECK_INT(a.kind, ANSWER_TOO_SHORT);
	}
	for (size_t i = 0; i < 100; i++)
		points[i] = (struct curve_point){ (double)i * 1e12, (double)(i % 3) * 9e12, 0 };
	const struct answer_series wild = { .points = points, .n = 100 };
	CHECK_INT(answer_find(&a, &wild), 0);
	CHECK(a.kind != ANSWER_GROWS);
}

int main(void)
{
	RUN(test_invariance);
	RUN(test_few);
	RUN(test_steps);
	RUN(test_healthy);
	RUN(test_growing);
	RUN(test_pauses);
	RUN(test_pauses_that_touch);
	RUN(test_uneven);
	return DONE();
}
