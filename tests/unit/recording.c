/* A recording, and its probes: in which order they are called, and that theirs means nothing. */
#include "recorder/recording/recording.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/probe_table.h"
#include "share/command.h"
#include "tests/check.h"

const struct program this_program = { .name = "test" };

static char calls[2048]; /* "check a, check b, …", each once in a row */

static void note(const char *phase, char who)
{
	char call[32];
	snprintf(call, sizeof call, "%s %c, ", phase, who);
	size_t n = strlen(call), used = strlen(calls);
	if (used >= n && strcmp(calls + used - n, call) == 0)
		return;
	if (used + n < sizeof calls)
		strcpy(calls + used, call);
}

/* ---- one that finds something, and one that does something about it ---- */

struct finder {
	uint64_t size;
	bool shy; /* takes no part */
	int ticks;
};

struct doer {
	bool wanted;
	uint64_t seen, seen_late; /* what the finder had found when it acted */
};

static uint64_t last_seen;
static bool finder_was_closed;

static const struct command_option finder_options[] = {
	{ 0, "size", &option_size, offsetof(struct finder, size), "how much it finds" },
	{ 0, "shy", NULL, offsetof(struct finder, shy), "it finds nothing" },
	{ 0 },
};

static int finder_check(void *state, struct recording *r)
{
	(void)state;
	r->vram.told = VRAM_TOLD;
	note("check", 'f');
	return -1;
}

static int finder_open(void *state, struct recording *r)
{
	const struct finder *f = state;
	(void)r;
	note("open", 'f');
	return f->shy ? -1 : 0;
}

static void finder_sample(void *state, struct recording *r, int64_t now)
{
	struct finder *f = state;
	(void)now;
	note("sample", 'f');
	r->vram.bytes = f->size + (uint64_t)f->ticks++;
}

static void finder_end(void *state, struct recording *r)
{
	const struct finder *f = state;
	note("end", 'f');
	r->agent.high_water = f->size;
}

static void finder_close(void *state)
{
	(void)state;
	finder_was_closed = true;
}

static const struct command_option doer_options[] = {
	{ 'w', "wanted", NULL, offsetof(struct doer, wanted), "do it" },
	{ 0 },
};

static int doer_agree(void *state, const struct recording *r)
{
	const struct doer *d = state;
	note("agree", 'd');
	return d->wanted && r->vram.told != VRAM_TOLD ? 2 : -1;
}

static void doer_prepare(void *state, struct recording *r)
{
	(void)state, (void)r;
	note("prepare", 'd');
}

static void doer_started(void *state, struct recording *r)
{
	(void)state;
	CHECK(r->target.pid > 0);
	note("started", 'd');
}

static void doer_act(void *state, struct recording *r, int64_t now)
{
	struct doer *d = state;
	(void)now;
	note("act", 'd');
	d->seen = r->vram.bytes;
	if (d->seen == 0)
		return;
	CHECK_INT(d->seen, ((uint64_t)1 << 20) + r->memory.samples - 1);
}

static void doer_conclude(void *state, struct recording *r)
{
	struct doer *d = state;
	note("conclude", 'd');
	d->seen_late = r->agent.high_water;
}

static int doer_say(void *state, const struct recording *r, int status)
{
	const struct doer *d = state;
	(void)r;
	note("say", 'd');
	last_seen = d->seen_late;
	return status;
}

static const struct finder finder_at_first = { .size = 7 };
static const struct probe finder = {
	.state_size = sizeof(struct finder),
	.initial = &finder_at_first,
	.options = finder_options,
	.check = finder_check,
	.open = finder_open,
	.sample = finder_sample,
	.end = finder_end,
	.close = finder_close,
};
static const struct probe doer = {
	.state_size = sizeof(struct doer),
	.options = doer_options,
	.of_ours = true,
	.agree = doer_agree,
	.prepare = doer_prepare,
	.started = doer_started,
	.act = doer_act,
	.conclude = doer_conclude,
	.say = doer_say,
};

/* ---- a recording with them ---- */

static struct recording r;

static int parse(int argc, char *argv[])
{
	static const struct command command = { .name = "toy" };
	struct option_table tables[8] = { { recording_rows, &r.options } };
	size_t n = 1;
	int operands;
	n += probes_options(&r.probes, false, tables + n);
	n += probes_options(&r.probes, true, tables + n);
	CHECK_INT(n, 3);
	return command_parse_tables(&command, OPERANDS_LAST, argc, argv, tables, &operands);
}

static int record(const struct probe *const table[], char *option)
{
	char name[] = "toy", interval[] = "-T0.01", output[] = "-o/dev/null";
	char size[] = "--size=1M", wanted[] = "-w", sleep[] = "sleep", long_enough[] = "0.1";
	char *argv[] = { name, interval, output, size, wanted, option, NULL };
	char *program[] = { sleep, long_enough, NULL };
	*calls = '\0';
	finder_was_closed = false;
	last_seen = 0;
	CHECK_INT(recording_init(&r, table), -1);
	CHECK_INT(parse(option ? 6 : 5, argv), -1);
	CHECK_INT(recording_open(&r, getpid(), NULL), -1);
	CHECK_INT(recording_start(&r, sleep, program), -1);
	int status = recording_go(&r, program);
	recording_close(&r);
	return status;
}

static void options_go_to_whom_they_belong(void)
{
	const struct probe *const table[] = { &doer, &finder, NULL };
	char name[] = "toy", size[] = "--size=3K", children[] = "-M";
	char *argv[] = { name, size, children, NULL };
	CHECK_INT(recording_init(&r, table), -1);
	const struct finder *f = probes_state(&r.probes, &finder);
	const struct doer *d = probes_state(&r.probes, &doer);
	CHECK_INT(f->size, 7); /* as it is at first */
	CHECK_INT(parse(3, argv), -1);
	CHECK_INT(f->size, 3072);
	CHECK(r.options.children && !r.options.tree && !d->wanted && !f->shy);
	CHECK(probes_state(&r.probes, NULL) == NULL);
	recording_close(&r);
}

static void the_order_of_the_table_means_nothing(void)
{
	const struct probe *const one[] = { &finder, &doer, NULL };
	const struct probe *const other[] = { &doer, &finder, NULL };
	static const char expected[] = "check f, agree d, prepare d, started d, open f, ";
	static const char at_last[] = "sample f, act d, end f, conclude d, say d, ";
	const struct probe *const *const tables[] = { one, other };
	for (int i = 0; i < 2; i++) {
		*calls = '\0';
		for (int tries = 0; tries < 5 && !strstr(calls, "sample f"); tries++)
			CHECK_INT(record(tables[i], NULL),
				  0); /* again, where the program ended before a tick */
		size_t n = strlen(calls), tail = strlen(at_last);
		CHECK(strncmp(calls, expected, strlen(expected)) == 0);
		CHECK(n > tail && strcmp(calls + n - tail, at_last) == 0);
		CHECK_INT(last_seen, 1 << 20);
		CHECK(finder_was_closed);
	}
}

static void who_takes_no_part_is_not_called(void)
{
	const struct probe *const table[] = { &finder, &doer, NULL };
	CHECK_INT(record(table, (char[]){ "--shy" }), 0);
	CHECK(strstr(calls, "sample f") == NULL);
	CHECK(strstr(calls, "end f") == NULL);
	CHECK(strstr(calls, "act d, conclude d, say d") != NULL);
	CHECK(finder_was_closed);
}

/* The target may have ended before it was looked at. */
static void who_was_never_opened_does_not_end(void)
{
	const struct probe *const table[] = { &finder, &doer, NULL };
	char name[] = "true", *program[] = { name, NULL };
	CHECK_INT(recording_init(&r, table), -1);
	struct finder *f = probes_state(&r.probes, &finder);
	char nowhere[] = "/dev/null";
	f->size = 1 << 20;
	r.options.output = nowhere;
	CHECK_INT(recording_open(&r, getpid(), NULL), -1);
	CHECK_INT(recording_start(&r, name, program), -1);
	*calls = '\0';
	probes_end(&r.probes, &r);
	CHECK_STR(calls, "conclude d, ");
	probes_open(&r.probes, &r);
	*calls = '\0';
	probes_end(&r.probes, &r);
	CHECK_STR(calls, "end f, conclude d, ");
	CHECK_INT(recording_go(&r, program), 0);
	recording_close(&r);
}

static void what_never_came_to_run_is_closed(void)
{
	const struct probe *const table[] = { &finder, NULL };
	char folder[] = "/tmp/mprof-recording-XXXXXX", path[64], missing[] = "/nonexistent";
	char *program[] = { missing, NULL };
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/a.dat", folder);
	finder_was_closed = false;
	CHECK_INT(recording_init(&r, table), -1);
	r.options.output = path;
	CHECK_INT(recording_open(&r, getpid(), NULL), -1);
	CHECK_INT(access(path, F_OK), 0);
	CHECK_INT(recording_start(&r, missing, program), 127);
	CHECK(access(path, F_OK) != 0);
	recording_close(&r);
	CHECK(finder_was_closed);
	CHECK_INT(rmdir(folder), 0);
}

/* Of the program's own probes: what none of them has opened may be somebody's standard input. */
static void one_that_was_not_opened_closes_nothing_of_ours(void)
{
	int before = dup2(STDERR_FILENO, STDIN_FILENO);
	CHECK_INT(recording_init(&r, probe_table), -1);
	recording_close(&r);
	CHECK_INT(before, STDIN_FILENO);
	CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

int main(void)
{
	RUN(options_go_to_whom_they_belong);
	RUN(one_that_was_not_opened_closes_nothing_of_ours);
	RUN(the_order_of_the_table_means_nothing);
	RUN(who_takes_no_part_is_not_called);
	RUN(who_was_never_opened_does_not_end);
	RUN(what_never_came_to_run_is_closed);
	return DONE();
}
