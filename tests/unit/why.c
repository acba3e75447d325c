#include "share/why/why.h"

#include "share/profile/profile.h"
#include "tests/check.h"

#define HEAD                                                                                  \
	"CMDLINE ./train.py --seed 3\n"                                                       \
	"META format=1 tool=mprof-c/0.1.0 metric=rss interval=0.1 pid=70 tree=0 children=0\n" \
	"MEM 10.000000 1700000000.000000\nMEM 60.000000 1700000000.100000\n"                  \
	"MEM 50.000000 1700000000.200000\n"
#define EXIT(status) "EXIT " status " 1700000000.300000 0.000000 3 0\n"

#define NEAR(mib)                                    \
	"META limit=4096.000000 limit_kind=cgroup\n" \
	"META cgroup_held=" mib " cgroup_held_at=1700000000.200000\n"

static struct profile profile;
static struct why why;

static void ask(const char *text, enum why_writer writer)
{
	const struct profile_wish wish = { 0 };
	struct profile_loader *loader;
	CHECK_INT(profile_loader_open(&loader, "a.dat", &wish), 0);
	CHECK_INT(profile_loader_feed(loader, text, strlen(text)), 0);
	CHECK_INT(profile_loader_finish(loader, &profile), 0);
	CHECK_INT(why_ask(&why, &profile, writer), 0);
}

static void done(void)
{
	why_free(&why);
	profile_free(&profile);
}

/* What the end is, how surely, and a part of its words. */
static const struct {
	const char *text, *kind;
	enum known known;
	const char *words;
} ends[] = {
	{ HEAD EXIT("0"), "clean", KNOWN_EXACT, "exited with 0" },
	{ HEAD EXIT("3"), "exit", KNOWN_EXACT, "exited with 3" },
	{ HEAD EXIT("-11"), "signal", KNOWN_EXACT, "killed by SIGSEGV: a bad memory access" },
	{ HEAD EXIT("-9"), "killed", KNOWN_UNKNOWN, "killed by SIGKILL; who sent it is not known" },
	{ HEAD "META oom_kills=0\n" EXIT("-9"), "killed", KNOWN_UNKNOWN,
	  "killed by SIGKILL; who sent it is not known, but no OOM kill was counted" },
	{ HEAD "META limit=64.000000 limit_kind=cgroup\nMETA killed=oom killed_pid=70\n" EXIT("-9"),
	  "oom", KNOWN_EXACT, "killed: out of memory (its control group allows 64.0 MiB)" },
	{ HEAD "META killed='oom?' killed_pid=70\n" EXIT("-9"), "oom", KNOWN_ESTIMATE,
	  "killed: probably out of memory" },
	{ HEAD "META killed=oom killed_pid=0\n" EXIT("-9"), "oom", KNOWN_EXACT,
	  "it, or a process of it, was killed: out of memory" },
	{ HEAD "PROC 71 70 1700000000.100000 worker\nMETA killed=oom killed_pid=71 "
	       "killed_other=1\n" EXIT("4"),
	  "oom", KNOWN_EXACT,
	  "exited with 4; a process of it was killed: out of memory: process 71 worker" },
	{ HEAD "META killed=at killed_pid=70\n" EXIT("-9"), "at", KNOWN_EXACT, "killed by --at" },
	{ HEAD "META signalled=15 signalled_by=timeout signalled_pid=60\n" EXIT("-15"), "signalled",
	  KNOWN_EXACT, "killed by SIGTERM from timeout (process 60)" },
	{ HEAD "META signalled=2 signalled_by=terminal\n" EXIT("1"), "signalled", KNOWN_ESTIMATE,
	  "exited with 1 after SIGINT from the terminal" },
	{ "CMDLINE timeout -s KILL 0.2 sleep 9\nMETA tool=mprof-c/0.1.0 metric=rss\n"
	  "MEM 1.000000 1700000000.000000\n" EXIT("-9"),
	  "timeout", KNOWN_ESTIMATE, "killed by SIGKILL: timeout ended it after 0.20 s" },
	{ "CMDLINE timeout 0.3s sleep 9\nMETA tool=mprof-c/0.1.0 metric=rss\n"
	  "MEM 1.000000 1700000000.000000\n" EXIT("124"),
	  "timeout", KNOWN_EXACT, "exited with 124: timeout ended it after 0.30 s" },
	{ "CMDLINE timeout 9 sh\nMETA tool=mprof-c/0.1.0 metric=rss\n"
	  "MEM 1.000000 1700000000.000000\n" EXIT("124"),
	  "exit", KNOWN_EXACT, "exited with 124" },
	{ HEAD EXIT("139"), "signal", KNOWN_ESTIMATE,
	  "exited with 139: as shells tell of a command that died of SIGSEGV, a bad memory "
	  "access" },
	{ HEAD
	  "PROC 71 70 1700000000.100000 worker\nGONE 71 1700000000.200000 1.0 -11\n" EXIT("139"),
	  "signal", KNOWN_EXACT,
	  "exited with 139: process 71 worker of it died of SIGSEGV, a bad memory access" },
	{ HEAD "META rlimit_as=500.000000 vm_peak=480.000000\n" EXIT("1"), "memoryerror",
	  KNOWN_ESTIMATE, "exited with 1; probably a MemoryError: RLIMIT_AS allows 500.0 MiB" },
	{ HEAD "META rlimit_as=500.000000 vm_peak=80.000000\n" EXIT("1"), "exit", KNOWN_UNKNOWN,
	  "exited with 1; RLIMIT_AS allows 500.0 MiB: whether it was refused memory cannot be "
	  "told" },
	{ HEAD "META rlimit_as=500.000000 vm_peak=480.000000\n" EXIT("2"), "exit", KNOWN_UNKNOWN,
	  "exited with 2; RLIMIT_AS allows 500.0 MiB: whether it was refused memory cannot be "
	  "told" },
	{ HEAD "META rlimit_as=500.000000 vm_peak=80.000000\n" EXIT("2"), "exit", KNOWN_EXACT,
	  "exited with 2" },
	{ HEAD "MEM 9.0 1700000001.0\nMEM 9.0 1700000002.0\nMEM 9.0 1700000003.0\n"
	       "META rlimit_as=500.000000 vm_peak=480.000000\nEXIT 1 1700000003.1 60.0 6 0\n",
	  "exit", KNOWN_UNKNOWN,
	  "exited with 1; RLIMIT_AS allows 500.0 MiB: whether it was refused memory cannot be "
	  "told" },
	{ HEAD "META rlimit_as=500.000000 vm_peak=480.000000\n" EXIT("-6"), "signal",
	  KNOWN_ESTIMATE,
	  "killed by SIGABRT: it gave up by abort(); probably it was refused memory: RLIMIT_AS "
	  "allows 500.0 MiB" },
	{ "CMDLINE timeout -p 0.3 sleep 9\nMETA tool=mprof-c/0.1.0 metric=rss\n"
	  "MEM 1.000000 1700000000.000000\n" EXIT("143"),
	  "timeout", KNOWN_ESTIMATE, "exited with 143: timeout ended it after 0.30 s" },
	{ HEAD EXIT("?"), "ended", KNOWN_UNKNOWN, "ended; with what status cannot be told" },
	{ HEAD "META stopped=timeout\n" EXIT("?"), "left", KNOWN_EXACT,
	  "the recording was ended by -t; the program ran on" },
	{ HEAD, "interrupted", KNOWN_UNKNOWN,
	  "the recording breaks off; how the program ended cannot be told" },
	{ "CMDLINE ./a\nMEM 1.0 1700000000.0\n", "untold", KNOWN_UNKNOWN,
	  "how it ended is not told" },
	{ HEAD NEAR("4075.0") "META cgroup_oom_group=1\n", "limit", KNOWN_ESTIMATE,
	  "the recording stops at 3.98 GiB of 4.00 GiB that its control group allows; probably "
	  "killed: out of memory" },
	{ HEAD NEAR("4075.0") "META cgroup_oom_group=0 cgroup_oom_kill_more=1\n", "limit",
	  KNOWN_ESTIMATE,
	  "the recording stops at 3.98 GiB of 4.00 GiB that its control group allows; probably "
	  "killed: out of memory" },
	{ HEAD NEAR("4075.0") "META cgroup_oom_kill=9\n", "limit", KNOWN_UNKNOWN,
	  "the recording stops at 3.98 GiB of 4.00 GiB that its control group allows; how the "
	  "program ended cannot be told" },
	/* It went away from there; it was only slowed down; it has an end. */
	{ HEAD NEAR("4075.0") NEAR("3000.0") "META cgroup_oom_group=1\n", "interrupted",
	  KNOWN_UNKNOWN, "the recording breaks off; how the program ended cannot be told" },
	{ HEAD NEAR("4075.0") "META limit_kind=cgroup.high cgroup_oom_group=1\n", "interrupted",
	  KNOWN_UNKNOWN, "the recording breaks off; how the program ended cannot be told" },
	{ HEAD NEAR("4075.0") "META cgroup_oom_group=1\n" EXIT("0"), "clean", KNOWN_EXACT,
	  "exited with 0" },
};

static void each_end_has_its_cause(void)
{
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		ask(ends[i].text, WHY_WRITER_GONE);
		const struct why_statement *end = why_about(&why, WHY_END);
		CHECK_STR(end->kind, ends[i].kind);
		CHECK_INT(end->known, ends[i].known);
		CHECK_STR(end->words, ends[i].words);
		CHECK(*end->evidence);
		done();
	}
	ask(HEAD, WHY_WRITER_THERE);
	CHECK_STR(why_about(&why, WHY_END)->kind, "running");
	done();
}

static void the_headline_is_one_sentence(void)
{
	char line[WHY_LINE];
	ask(HEAD "META limit=64.000000 limit_kind=cgroup\n"
		 "META peak=60.000000 peak_known=exact peak_by=mark\n" EXIT("0"),
	    WHY_WRITER_GONE);
	why_headline(line, &why);
	CHECK_STR(line, "a.dat: 0.30 s, 3 samples, exited with 0; exact peak 60.0 MiB at 0.10 s of "
			"64.0 MiB allowed");
	done();
}

/* Each with a word of what is said of it. */
static const struct {
	const char *text, *kind, *words;
} oddities[] = {
	{ HEAD "META dropped=7\n" EXIT("0"), "dropped", "7 records could not be written" },
	{ HEAD "META waited=900.000000\n" EXIT("0"), "waited", "held 900.0 MiB: -C counts" },
	{ HEAD "CHLD 71 40.0 1700000000.200000\n" EXIT("0"), "together", "its own was 60.0 MiB" },
	{ HEAD "META hidden=2\n" EXIT("0"), "hidden", "2 processes might not" },
	{ HEAD "META unseen=unknown\n" EXIT("0"), "unseen", "cannot be told" },
	{ HEAD "META tree_rss=500.000000 tree_pss=200.000000\n" EXIT("0"), "shared", "-b pss" },
	{ HEAD "META cgroup_peak=900.000000\n" EXIT("0"), "cache", "900.0 MiB at most" },
	{ HEAD "META stopped=timeout\n" EXIT("0"), "cut", "only its first 0.20 s" },
	{ HEAD "VAL swap 30.0 1700000000.200000\n" EXIT("0"), "swap", "30.0 MiB of it" },
	{ HEAD "META gpu0_total=1000.000000\nGPU 0 990.0 1700000000.200000 device\n" EXIT("1"),
	  "gpu", "99 % full" },
	{ HEAD "EXIT 0 1700000000.3 0.0 3 9\n", "missed", "75 % of the ticks" },
	{ HEAD "MEM x y\n" EXIT("0"), "malformed", "1 line of the file" },
};

static void what_is_odd_is_told(void)
{
	ask(HEAD EXIT("0"), WHY_WRITER_GONE);
	CHECK(!why_about(&why, WHY_ODD));
	done();
	for (size_t i = 0; i < sizeof oddities / sizeof *oddities; i++) {
		ask(oddities[i].text, WHY_WRITER_GONE);
		const struct why_statement *odd = why_about(&why, WHY_ODD);
		CHECK(odd != NULL);
		CHECK_STR(odd ? odd->kind : "", oddities[i].kind);
		CHECK(odd && strstr(odd->words, oddities[i].words));
		done();
	}
}

static size_t print(char **text, void (*put)(FILE *, const struct why *))
{
	size_t n = 0;
	FILE *out = open_memstream(text, &n);
	put(out, &why);
	fclose(out);
	return n;
}

/* Whatever stands in the file. */
static void it_fits_a_screen(void)
{
	char *text = NULL, *names = malloc(1 << 16), *all = malloc(1 << 17);
	int n = snprintf(names, 1 << 16, "CMDLINE sh -c '");
	for (int i = 0; i < 900; i++)
		n += snprintf(names + n, (size_t)((1 << 16) - n), "\\x01python ü ");
	snprintf(all, 1 << 17,
		 "%s'\nMETA tool=mprof-c/0.1.0 metric=rss tree=0 children=1 interval=0.1 dropped=7 "
		 "hidden=3 unseen=unknown tree_rss=500.0 tree_pss=100.0 waited=900.0 "
		 "cgroup_peak=900.0 limit=9.0 limit_kind=cgroup peak_lacks=unread,unseen,living,"
		 "fallback,stalled,cut,unreset lacks=unread,unseen,living,fallback,stalled,cut "
		 "signalled=15 signalled_by=%.300s\n"
		 "PROC 8 7 1700000000.0 %.900s\nMEM 1.0 1700000000.0\nCHLD 8 9.0 1700000000.0\n"
		 "MEM 1.0 1700000900.0\n" EXIT("143"),
		 names, names + 20, names + 20);
	ask(all, WHY_WRITER_UNKNOWN);
	CHECK(print(&text, why_print_json) <= WHY_JSON);
	free(text);
	print(&text, why_print_text);
	size_t lines = 0;
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	CHECK(lines <= WHY_LINES);
	CHECK(strstr(text, "\nnext "));
	free(text);
	free(names);
	free(all);
	done();
}

int main(void)
{
	RUN(each_end_has_its_cause);
	RUN(the_headline_is_one_sentence);
	RUN(what_is_odd_is_told);
	RUN(it_fits_a_screen);
	return DONE();
}
