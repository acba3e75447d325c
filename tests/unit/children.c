#include "recorder/tree/children.h"

#include <errno.h>

#include "tests/pretend.h"

enum { PARENT = 5000000, THREAD = 5000100 };

static struct children children;
static struct pids found;

static void begin(const char *of_leader)
{
	pretend_begin();
	pretend_children(PARENT, PARENT, of_leader);
	CHECK_INT(children_open(&children, PARENT), 0);
}

static void end(void)
{
	children_close(&children);
	pids_free(&found);
	pretend_end();
}

/* "1 2 3": what is listed now. */
static const char *list(void)
{
	static char text[256];
	*text = '\0';
	found.n = 0;
	CHECK_INT(children_list(&children, &found), 0);
	for (size_t i = 0; i < found.n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? " " : "",
			 (int)found.items[i]);
	return text;
}

static void a_list_is_read_again_and_again(void)
{
	begin("");
	CHECK_STR(list(), "");
	pretend_children(PARENT, PARENT, "7 8 ");
	CHECK_STR(list(), "7 8");
	pretend_children(PARENT, PARENT, "8 ");
	CHECK_STR(list(), "8");
	end();
}

static void each_thread_has_children_of_its_own(void)
{
	begin("7 ");
	pretend_children(PARENT, THREAD, "8 ");
	CHECK_STR(list(), "7 8");
	CHECK_INT(children.n_threads, 1);
	pretend_children(PARENT, THREAD + 1, "9 ");
	list();
	CHECK_INT(found.n, 3);
	pretend_remove("/proc/5000000/task/5000100");
	CHECK_STR(list(), "7 9");
	CHECK_INT(children.n_threads, 1);
	pretend_remove("/proc/5000000/task/5000101");
	CHECK_STR(list(), "7");
	CHECK_INT(children.n_threads, 0);
	end();
}

static void a_list_may_be_long(void)
{
	enum { MANY = 3000 };
	char text[MANY * 8 + 1];
	begin("");
	for (int i = 0; i < MANY; i++)
		sprintf(text + 8 * i, "%d ", 1000000 + i);
	pretend_children(PARENT, PARENT, text);
	CHECK_INT(children_list(&children, &found), 0);
	CHECK_INT(found.n, MANY);
	CHECK_INT(found.items[MANY - 1], 1000000 + MANY - 1);
	end();
}

static void nonsense_is_no_pid(void)
{
	begin("x 7 - 0 ");
	CHECK_STR(list(), "7");
	end();
}

static void an_end_is_seen_though_the_pid_is_given_out_again(void)
{
	begin("7 ");
	CHECK(children_is_kept(&children));
	CHECK(children_has_parent(&children));
	pretend_gone(PARENT);
	pretend_children(PARENT, PARENT, "9 ");
	CHECK(!children_has_parent(&children));
	CHECK_INT(children_list(&children, &found), -ESRCH);
	end();
}

static void nobody_has_none(void)
{
	pretend_begin();
	CHECK_INT(children_open(&children, PARENT), -ESRCH);
	CHECK(!children_can_be_listed());
	pretend_children(getpid(), getpid(), "");
	CHECK(children_can_be_listed());
	pretend_end();
}

int main(void)
{
	pretend_begin();
	bool counts = pretend_counts_links();
	pretend_end();
	if (!counts) {
		printf("1..0 # SKIP the folder for temporary files does not count links\n");
		return 0;
	}
	RUN(a_list_is_read_again_and_again);
	RUN(each_thread_has_children_of_its_own);
	RUN(a_list_may_be_long);
	RUN(nonsense_is_no_pid);
	RUN(an_end_is_seen_though_the_pid_is_given_out_again);
	RUN(nobody_has_none);
	return DONE();
}
