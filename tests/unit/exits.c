#include "recorder/tree/exits.h"

#include <errno.h>
#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <unistd.h>

#include "tests/check.h"

/* What the kernel sends: Documentation/accounting/taskstats.rst. */
struct __attribute__((packed)) message {
	struct nlmsghdr head;
	struct genlmsghdr generic;
	struct nlattr both, pid;
	uint32_t number;
	struct nlattr stats;
	struct taskstats body;
};

static struct message example(void)
{
	struct message m = {
		.head = { sizeof m, 30, 0, 0, 0 },
		.generic = { TASKSTATS_CMD_NEW, 1, 0 },
		.both = { sizeof m - offsetof(struct message, both), TASKSTATS_TYPE_AGGR_PID },
		.pid = { sizeof(struct nlattr) + 4, TASKSTATS_TYPE_PID },
		.number = 42,
		.stats = { sizeof m - offsetof(struct message, stats), TASKSTATS_TYPE_STATS },
	};
	m.body.version = 11;
	m.body.ac_pid = 42;
	m.body.ac_ppid = 7;
	m.body.ac_exitcode = 3 << 8;
	m.body.hiwater_rss = 2048;
	m.body.ac_etime = 1500;
	strcpy(m.body.ac_comm, "worker");
	return m;
}

static void an_account_is_read(void)
{
	struct exit_note note;
	struct message m = example();
	CHECK_INT(exits_parse(&m, sizeof m, &note), 0);
	CHECK_INT(note.pid, 42);
	CHECK_INT(note.parent, 7);
	CHECK_INT(note.status, 3);
	CHECK_INT(note.high_water, 2048 * 1024);
	CHECK_INT(note.age, 1500000);
	CHECK_STR(note.name, "worker");
	CHECK(!note.last); /* such a kernel does not tell */
	m.body.ac_exitcode = 9;
	CHECK_INT(exits_parse(&m, sizeof m, &note), 0);
	CHECK_INT(note.status, -9);
}

static void a_thread_is_not_its_process(void)
{
#if TASKSTATS_VERSION >= 12
	struct exit_note note;
	struct message m = example();
	m.body.version = 12;
	m.body.ac_tgid = 40;
	CHECK_INT(exits_parse(&m, sizeof m, &note), 0);
	CHECK_INT(note.pid, 40);
	CHECK(!note.last);
	m.body.ac_flag = AGROUP;
	CHECK_INT(exits_parse(&m, sizeof m, &note), 0);
	CHECK(note.last);
#else
	printf("# skipped: the headers of this kernel are too old\n");
#endif
}

static void an_older_kernel_sends_less(void)
{
	struct exit_note note;
	struct message m = example();
	size_t less = sizeof m.body - offsetof(struct taskstats, hiwater_vm);
	m.head.nlmsg_len -= (uint32_t)less;
	m.both.nla_len = (uint16_t)(m.both.nla_len - less);
	m.stats.nla_len = (uint16_t)(m.stats.nla_len - less);
	CHECK_INT(exits_parse(&m, sizeof m - less, &note), 0);
	CHECK_INT(note.high_water, 2048 * 1024);
	m.stats.nla_len = (uint16_t)(m.stats.nla_len - 8);
	CHECK_INT(exits_parse(&m, sizeof m - less, &note), -EINVAL);
}

/* Cut anywhere, with any length in it: never read past its end, which a sanitizer would see. */
static void damage_is_refused(void)
{
	struct exit_note note;
	struct message m = example();
	for (size_t n = 0; n < sizeof m; n++) {
		char cut[sizeof m];
		memcpy(cut, &m, n);
		CHECK_INT(exits_parse(cut, n, &note), -EINVAL);
	}
	for (unsigned length = 0; length < 65536; length += 7) {
		struct message bad = m;
		bad.stats.nla_len = (uint16_t)length;
		exits_parse(&bad, sizeof bad, &note);
		bad = m;
		bad.both.nla_len = bad.pid.nla_len = (uint16_t)length;
		exits_parse(&bad, sizeof bad, &note);
	}
	m.head.nlmsg_type = NLMSG_ERROR;
	CHECK_INT(exits_parse(&m, sizeof m, &note), -EINVAL);
}

int main(void)
{
	RUN(an_account_is_read);
	RUN(a_thread_is_not_its_process);
	RUN(an_older_kernel_sends_less);
	RUN(damage_is_refused);
	return DONE();
}
