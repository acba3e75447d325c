#include "plotter/live/figures.h"

#include "tests/check.h"

static char words[FIGURES_WORDS];

static struct figures holding(double now, double allowed)
{
	return (struct figures){ .sampled = true, .now = now, .allowed = allowed };
}

static void what_it_holds(void)
{
	struct figures f = { 0 };
	CHECK_STR(figures_say_now(words, &f), "no sample yet");
	f = holding(812.4, 0);
	CHECK_STR(figures_say_now(words, &f), "812.4 MiB");
	f.together = 2048;
	CHECK_STR(figures_say_now(words, &f), "812.4 MiB, with children 2.00 GiB");
}

static void a_peak_says_how_it_is_known(void)
{
	struct figures f = holding(1, 0);
	f.peak.mib = 512;
	f.peak.known = KNOWN_EXACT;
	CHECK_STR(figures_say_peak(words, &f), "exact peak 512.0 MiB");
	f.peak.known = KNOWN_AT_LEAST;
	CHECK_STR(figures_say_peak(words, &f), "peak at least 512.0 MiB");
}

static void how_much_is_allowed(void)
{
	struct figures f = holding(512, 0);
	CHECK_STR(figures_say_allowed(words, &f), "");
	CHECK_INT(figures_percent(&f), -1);
	f.allowed = 2048;
	CHECK_STR(figures_say_allowed(words, &f), "25 % of 2.00 GiB allowed");
	CHECK_INT(figures_percent(&f), 25);
	f.together = 1024; /* of the children too */
	CHECK_INT(figures_percent(&f), 50);
	f.of_machine = true;
	CHECK_STR(figures_say_allowed(words, &f), "50 % of the machine's 2.00 GiB");
	CHECK_INT(figures_percent(&f), -1); /* nobody set it */
	f = holding(4096, 2048);
	CHECK_INT(figures_percent(&f), 100);
	f.sampled = false;
	CHECK_INT(figures_percent(&f), -1);
}

static void what_it_has_grown_by(void)
{
	struct figures f = holding(100, 0);
	CHECK_STR(figures_say_rate(words, &f), ""); /* too few samples */
	f.over = 60;
	CHECK_STR(figures_say_rate(words, &f), "0 MiB/min in the last 60 s");
	f.rate = -0.5;
	CHECK_STR(figures_say_rate(words, &f), "-0.50 MiB/min in the last 60 s");
	f.rate = 31.25;
	CHECK_STR(figures_say_rate(words, &f), "+31.2 MiB/min in the last 60 s");
	f.rate = 557.4;
	CHECK_STR(figures_say_rate(words, &f), "+557 MiB/min in the last 60 s");
}

static void when_the_limit_is_reached_at_that_rate(void)
{
	struct figures f = holding(100, 400);
	f.over = 60;
	f.rate = 100;
	CHECK_STR(figures_say_limit(words, &f), "at that rate the limit in 3 min");
	f.of_machine = true;
	CHECK_STR(figures_say_limit(words, &f), "at that rate the machine is full in 3 min");
	f.over = 2; /* seconds: too short to say what is in three minutes */
	CHECK_STR(figures_say_limit(words, &f), "");
	f.over = 60;
	f.rate = -100;
	CHECK_STR(figures_say_limit(words, &f), "");
	f = holding(500, 400); /* it is over it */
	f.over = 60;
	f.rate = 100;
	CHECK_STR(figures_say_limit(words, &f), "");
}

static void when_it_is_reached_by_the_trend(void)
{
	struct figures f = holding(100, 400);
	struct outlook_curve *c = &f.outlook.curves[0];
	f.trended = true;
	f.outlook.n = 1;
	c->answer.kind = ANSWER_GROWS;
	CHECK_STR(figures_say_limit(words, &f),
		  "grows steadily"); /* nothing is known to be allowed */
	c->reached = 38 / 60.0;
	c->soonest = 0.5;
	c->latest = 50 / 60.0;
	CHECK_STR(figures_say_limit(words, &f), "by the trend the limit in 38 min (30 to 50)");
	c->limit_of = OUTLOOK_MACHINE;
	c->reached = 24 * 366;
	CHECK_STR(figures_say_limit(words, &f),
		  "by the trend the machine is full in more than a year");
	c->reached = 0;
	c->answer.kind = ANSWER_FLAT;
	CHECK_STR(figures_say_limit(words, &f), "no trend");
	f.sampled = false;
	CHECK_STR(figures_say_limit(words, &f), "");
}

int main(void)
{
	RUN(what_it_holds);
	RUN(a_peak_says_how_it_is_known);
	RUN(how_much_is_allowed);
	RUN(what_it_has_grown_by);
	RUN(when_the_limit_is_reached_at_that_rate);
	RUN(when_it_is_reached_by_the_trend);
	return DONE();
}
