#include "recorder/tree/title.h"

#include "tests/check.h"

#define TITLE(comm, arguments) title(comm, arguments, sizeof(arguments))

/* `arguments` is a literal, whose own NUL ends the last one. */
static const char *title(const char *comm, const char *arguments, size_t n)
{
	static char text[64];
	title_make(text, sizeof text, comm, arguments, n);
	return text;
}

static void an_interpreter_is_named_with_its_script(void)
{
	CHECK_STR(TITLE("python3", "python3\0/srv/worker.py\0--fast"), "python3 worker.py");
	CHECK_STR(TITLE("python3.12", "python3.12\0-u\0-X\0dev\0worker.py"),
		  "python3.12 worker.py");
	CHECK_STR(TITLE("python3", "python3\0-m\0torch.distributed.run\0a.py"),
		  "python3 torch.distributed.run");
	CHECK_STR(TITLE("bash", "bash\0-eu\0./configure"), "bash configure");
	CHECK_STR(TITLE("node", "node\0--max-old-space-size=4096\0app.js"), "node app.js");
	CHECK_STR(TITLE("perl", "perl\0-w\0x.pl"), "perl x.pl");
}

static void what_has_no_script_has_no_more_name(void)
{
	CHECK_STR(TITLE("python3", "python3\0-c\0print(1)"), "python3");
	CHECK_STR(TITLE("sh", "sh\0-ec\0exec make"), "sh");
	CHECK_STR(TITLE("python3", "python3"), "python3");
	CHECK_STR(TITLE("python3", "python3\0-"), "python3");
	CHECK_STR(TITLE("python3", "python3\0-m"), "python3");
	CHECK_STR(TITLE("python3", "python3\0"), "python3");
	CHECK_STR(title("python3", "", 0), "python3");
	CHECK_STR(TITLE("spend", "spend\0worker.py"), "spend");
	CHECK_STR(TITLE("shellcheck", "shellcheck\0a.sh"), "shellcheck");
}

static const char *script(const char *program, const char *arguments, size_t n)
{
	return title_script(program, arguments, n);
}
#define SCRIPT(program, arguments) script(program, arguments, sizeof(arguments))

static void a_script_is_behind_the_options_and_their_values(void)
{
	CHECK_STR(SCRIPT("python3", "python3\0-W\0ignore\0a/b.py"), "a/b.py");
	CHECK_STR(SCRIPT("python3", "python3\0-Wmagic\0b.py"), "b.py");
	CHECK_STR(SCRIPT("python3", "python3\0-um\0pkg.mod\0x"), "pkg.mod");
	CHECK_STR(SCRIPT("python3", "python3\0-mpkg.mod\0x"), "pkg.mod");
	CHECK_STR(SCRIPT("python3", "python3\0--\0-odd.py"), "-odd.py");
	CHECK_STR(SCRIPT("bash", "bash\0-euo\0pipefail\0run.sh"), "run.sh");
	CHECK_STR(SCRIPT("bash", "bash\0--rcfile\0rc\0run.sh"), "run.sh");
	CHECK_STR(SCRIPT("perl", "perl\0-MData::Dumper\0-I\0lib\0x.pl"), "x.pl");
	CHECK_STR(SCRIPT("java", "java\0-Xmx2g\0-cp\0a.jar\0org.Main"), "org.Main");
	CHECK_STR(SCRIPT("java", "java\0-jar\0app.jar"), "app.jar");
	CHECK(SCRIPT("bash", "bash\0-lc\0make\0b.sh") == NULL);
	CHECK(SCRIPT("sh", "sh\0-s\0b.sh") == NULL);
	CHECK(SCRIPT("vi", "vi\0b.py") == NULL);
}

static void workers_of_multiprocessing_are_known(void)
{
	CHECK_STR(TITLE("python3", "python3\0-c\0from multiprocessing.spawn import spawn_main\0"
				   "--multiprocessing-fork"),
		  "python3 multiprocessing");
}

static void a_name_that_the_kernel_cut_is_completed(void)
{
	CHECK_STR(TITLE("systemd-resolve", "/lib/systemd/systemd-resolved"), "systemd-resolved");
	CHECK_STR(TITLE("systemd-resolve", "/bin/other"), "systemd-resolve");
	CHECK_STR(TITLE("short", "/bin/shorter"), "short");
	CHECK(title_asks_for_arguments("systemd-resolve"));
	CHECK(title_asks_for_arguments("pypy3"));
	CHECK(!title_asks_for_arguments("sleep"));
}

static void a_long_title_is_cut(void)
{
	char text[12], many[5000];
	memset(many, 'a', sizeof many);
	memcpy(many, "sh", 3);
	title_make(text, sizeof text, "sh", many, sizeof many);
	CHECK_STR(text, "sh aaaaaaaa");
}

int main(void)
{
	RUN(an_interpreter_is_named_with_its_script);
	RUN(what_has_no_script_has_no_more_name);
	RUN(a_script_is_behind_the_options_and_their_values);
	RUN(workers_of_multiprocessing_are_known);
	RUN(a_name_that_the_kernel_cut_is_completed);
	RUN(a_long_title_is_cut);
	return DONE();
}
