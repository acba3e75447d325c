/* What mprof-c-native consists of: its knowledge of processes, its names, its way up a stack. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <dwarf.h>

#include "recorder/native/advice.h"
#include "recorder/native/demangle.h"
#include "recorder/native/expression.h"
#include "recorder/native/guard.h"
#include "recorder/native/naming.h"
#include "recorder/native/opening.h"
#include "recorder/native/perf_map.h"
#include "recorder/native/processes.h"
#include "recorder/native/service.h"
#include "recorder/native/unwind.h"
#include "share/sanitized.h"
#include "tests/check.h"
#include "tests/registers.h"

enum { NONE = 1 << 22 }; /* above any pid */

/* ---- processes ---- */

static bool parsed(const char *text, struct mapping *is, const char **path)
{
	static char line[256];
	snprintf(line, sizeof line, "%s", text);
	return mapping_parse(line, is, path);
}

static void a_line_of_maps_is_parsed(void)
{
	struct mapping is;
	const char *path;
	CHECK(parsed("7f00-8000 r-xp 00001000 08:01 42      /lib/a b.so", &is, &path));
	CHECK_INT(is.start, 0x7f00);
	CHECK_INT(is.end, 0x8000);
	CHECK_INT(is.offset, 0x1000);
	CHECK_STR(path, "/lib/a b.so");
	CHECK(parsed("1000-2000 rwxp 00000000 00:00 0 ", &is, &path));
	CHECK_STR(path, "//anon");
	CHECK(!parsed("1000-2000 rw-p 00000000 00:00 0 ", &is, &path));
	CHECK(!parsed("2000-1000 r-xp 00000000 00:00 0 ", &is, &path));
	CHECK(!parsed("nothing of that kind", &is, &path));
}

static const char *mapped_at(struct processes *all, pid_t pid, uint64_t address)
{
	struct mapping *map = process_mapping(processes_find(all, pid), address);
	return map ? map->path : "";
}

static void what_was_told_is_known(void)
{
	struct processes all = { 0 };
	processes_executed(&all, NONE);
	processes_mapped(&all, NONE, 0x10000, 0x4000, 0, "/a");
	processes_mapped(&all, NONE, 0x20000, 0x1000, 0, "/b");
	CHECK_STR(mapped_at(&all, NONE, 0x13fff), "/a");
	CHECK_STR(mapped_at(&all, NONE, 0x14000), "");
	processes_mapped(&all, NONE, 0x11000, 0x1000, 0, "/c"); /* in the middle */
	CHECK_STR(mapped_at(&all, NONE, 0x10fff), "/a");
	CHECK_STR(mapped_at(&all, NONE, 0x11000), "/c");
	processes_forked(&all, NONE + 1, NONE);
	processes_executed(&all, NONE);
	CHECK_STR(mapped_at(&all, NONE, 0x20000), "");
	CHECK_STR(mapped_at(&all, NONE + 1, 0x20000), "/b");
	processes_mapped(&all, NONE, UINT64_MAX - 5, 0x1000, 0, "/beyond");
	CHECK_STR(mapped_at(&all, NONE, UINT64_MAX - 2), "");
	processes_free(&all);
}

static void many_processes_take_no_more_room(void)
{
	struct processes all = { 0 };
	for (int i = 0; i < 3 * PROCESSES_MOST; i++) {
		processes_executed(&all, NONE + i);
		processes_mapped(&all, NONE + i, 0x10000, 0x1000, 0, "/a");
	}
	CHECK_INT(all.n, PROCESSES_MOST);
	CHECK_STR(mapped_at(&all, NONE + 3 * PROCESSES_MOST - 1, 0x10000), "/a");
	processes_free(&all);
}

static void one_that_ran_before_is_read(void)
{
	struct processes all = { 0 };
	struct mapping *map = process_mapping(processes_find(&all, getpid()),
					      (uint64_t)(uintptr_t)one_that_ran_before_is_read);
	CHECK(map && strstr(map->path, "unit-native"));
	processes_free(&all);
}

/* ---- names ---- */

static void take(struct perf_map *map, const char *text)
{
	perf_map_take(map, text, strlen(text));
}

static void names_of_made_code(void)
{
	struct perf_map *map = perf_map_new();
	take(map, "1000 20 one\n1020 10 two wo");
	CHECK_STR(perf_map_name(map, 0x101f), "one");
	CHECK(!perf_map_name(map, 0x1020)); /* not yet whole */
	take(map, "rds\n0x2000 10 three\nzz\n\n3000 ffffffffffffffff beyond\n3000 0 none\n");
	CHECK_STR(perf_map_name(map, 0x1025), "two words");
	CHECK_STR(perf_map_name(map, 0x2000), "three");
	CHECK(!perf_map_name(map, 0x3000) && !perf_map_name(map, 0xfff));
	take(map, "1000 20 anew\n");
	CHECK_STR(perf_map_name(map, 0x1000), "anew");
	perf_map_free(map);
}

static void made_name_is(const char *name, const char *path, const char *function, int line)
{
	struct frames frames = { 0 };
	const struct frame_text *is = &frames.items[0];
	CHECK_INT(naming_made(&frames, name), 0);
	is = &frames.items[0];
	CHECK_STR(is->path, path);
	CHECK_STR(is->function, function);
	CHECK_INT(is->line, line);
	frames_free(&frames);
}

static void made_names_have_places(void)
{
	made_name_is("JS:*load /srv/app.js:12:7", "/srv/app.js", "load", 12);
	made_name_is("LazyCompile:~a.b file:///x/m.mjs:3:1", "/x/m.mjs", "a.b", 3);
	made_name_is("JS:^ /srv/app.js:1:1", "/srv/app.js", "(anonymous)", 1);
	made_name_is("py::grow:/srv/train.py", "[jit]", "py::grow:/srv/train.py", 0);
	made_name_is("Lorg/acme/Cart;::push", "[jit]", "Lorg/acme/Cart;::push", 0);
	made_name_is("Stub:a b:", "[jit]", "Stub:a b:", 0);
}

static void one_frame_has_one_number(void)
{
	struct frames frames = { 0 };
	char name[16];
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 3000; i++) {
			snprintf(name, sizeof name, "f%d", i);
			CHECK_INT(frames_number(&frames, "/a.c", name, i), i);
		}
	CHECK_INT(frames.n, 3000);
	frames_free(&frames);
}

static void languages_have_their_names(void)
{
	static const struct {
		const char *linked, *plain;
	} names[] = {
		{ "_ZN5Cache4fillEi", "Cache::fill" },
		{ "_ZN4shop4CartIcE4pushEi", "shop::Cart<char>::push" },
		{ "_ZN5alloc3vec12Vec$LT$T$GT$4push17h0123456789abcdefE",
		  "alloc::vec::Vec<T>::push" },
		{ "_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function" },
	};
	char *one = demangle(names[0].linked);
	for (size_t i = 0; one && i < sizeof names / sizeof *names; i++) {
		char *plain = demangle(names[i].linked);
		if (plain) /* without libiberty, Rust's stay as they are linked */
			CHECK(strncmp(plain, names[i].plain, strlen(names[i].plain)) == 0 ||
			      strstr(names[i].linked, "$LT$") || names[i].linked[1] == 'R');
		free(plain);
	}
	free(one);
	CHECK(!demangle("main") && !demangle("_Zbroken") && !demangle(""));
}

static void advice_is_of_a_package_or_a_flag(void)
{
	char text[256];
	advice_write(text, sizeof text, "/srv/app/worker");
	CHECK_STR(text, "compile it with -g");
	advice_write(text, sizeof text, "/usr/lib/nobody/has/this.so");
	CHECK_STR(text, "install its debugging information");
}

static void files_are_opened_and_nothing_else(void)
{
	CHECK(opening_below(0, "/dev/null") < 0);
	CHECK(opening_below(0, "/proc") < 0);
	CHECK(opening_below(0, "/nothing/there") < 0);
	int fd = opening_below(getpid(), "/proc/self/status");
	CHECK(fd >= 0);
	close(fd);
	CHECK(opening_names(NONE) < 0);
}

/* ---- the way up ---- */

static bool read_one(void *context, uint64_t address, uint64_t *value)
{
	(void)context;
	*value = address + 1;
	return address != 0;
}

static void expressions_are_computed(void)
{
	uint64_t registers[FAULT_REGISTERS] = { [FAULT_SP] = 1000, [FAULT_PC] = 0x400b }, value;
	const struct expression_world world = { registers, 500, read_one, NULL };
	/* What x86-64's linkers write of their stubs: sp + 8 + ((pc & 15) >= 11) << 3. */
	const Dwarf_Op stub[] = { { .atom = DW_OP_breg0 + FAULT_SP, .number = 8 },
				  { .atom = DW_OP_bregx, .number = FAULT_PC },
				  { .atom = DW_OP_lit15 },
				  { .atom = DW_OP_and },
				  { .atom = DW_OP_lit11 },
				  { .atom = DW_OP_ge },
				  { .atom = DW_OP_lit3 },
				  { .atom = DW_OP_shl },
				  { .atom = DW_OP_plus } };
	CHECK(expression_value(&world, stub, 9, &value) && value == 1016);
	const Dwarf_Op place[] = { { .atom = DW_OP_call_frame_cfa },
				   { .atom = DW_OP_plus_uconst, .number = 24 },
				   { .atom = DW_OP_deref } };
	CHECK(expression_value(&world, place, 3, &value) && value == 525);
	const Dwarf_Op broken[] = { { .atom = DW_OP_plus }, { .atom = DW_OP_bregx, .number = 99 } };
	CHECK(!expression_value(&world, broken, 1, &value));
	CHECK(!expression_value(&world, broken + 1, 1, &value));
	CHECK(!expression_value(&world, broken, 0, &value));
	const Dwarf_Op nowhere[] = { { .atom = DW_OP_lit0 }, { .atom = DW_OP_deref } };
	CHECK(!expression_value(&world, nowhere, 2, &value));
}

static void frame_pointers_are_followed(void)
{
#if defined(__aarch64__)
	enum { POINTER = 29 };
#else
	enum { POINTER = 6 };
#endif
	const uint64_t words[] = { 0, 0, 0x9030, 0x5555, 0, 0, 0xdead, 0x6666, 0 };
	struct thread_state t = { .stack = (const uint8_t *)words,
				  .bottom = 0x9000,
				  .n_stack = sizeof words };
	t.registers[FAULT_SP] = 0x9000;
	t.registers[POINTER] = 0x9010;
	CHECK(unwind_step(&t, NULL));
	CHECK_INT(t.registers[FAULT_PC], 0x5555);
	CHECK_INT(t.registers[FAULT_SP], 0x9020);
	CHECK(unwind_step(&t, NULL));
	CHECK_INT(t.registers[FAULT_PC], 0x6666);
	CHECK(!unwind_step(&t, NULL)); /* outside of what was copied */
}

/* ---- all of it, on ourselves ---- */

static struct {
	size_t answers, hints;
	uint64_t ticket;
	char paths[64][512], functions[64][512];
	int lines[64];
	size_t n_frames, n;
	uint32_t numbers[NATIVE_FRAMES];
} heard;

static void hear(void *context, const void *message, size_t size)
{
	const struct native_head *head = message;
	const struct native_new_frame *frame = message;
	const struct native_reply *reply = message;
	(void)context;
	(void)size;
	if (head->word == NATIVE_FRAME && frame->number < 64) {
		CHECK_INT(frame->number, heard.n_frames);
		snprintf(heard.paths[frame->number], 512, "%s", frame->texts);
		snprintf(heard.functions[frame->number], 512, "%s",
			 frame->texts + strlen(frame->texts) + 1);
		heard.lines[frame->number] = frame->line;
		heard.n_frames++;
	} else if (head->word == NATIVE_ANSWER) {
		heard.answers++;
		heard.ticket = reply->ticket;
		heard.n = reply->n;
		memcpy(heard.numbers, reply->frames, reply->n * sizeof *heard.numbers);
	}
	heard.hints += head->word == NATIVE_HINT;
}

enum { COPIED = 8192 };

__attribute__((noinline, no_sanitize("address"))) static void
ask_of_ourselves(struct service *service, struct native_question *is)
{
	ucontext_t context;
	getcontext(&context);
	take_registers(is->registers, &context);
	const volatile uint8_t *from = (const uint8_t *)(uintptr_t)is->registers[FAULT_SP];
	for (size_t i = 0; i < COPIED; i++)
		is->stack[i] = from[i];
	service_take(service, is, sizeof *is + COPIED);
}

static bool heard_of(const char *function)
{
	for (size_t i = 0; i < heard.n; i++)
		if (heard.numbers[i] < 64 &&
		    strcmp(heard.functions[heard.numbers[i]], function) == 0)
			return true;
	return false;
}

static void we_are_found_on_our_own_stack(void)
{
	struct service service;
	struct native_question *is = calloc(1, sizeof *is + COPIED);
	char room[2 * COPIED]; /* above what is copied, so that this stays on the stack */
	memset(room, 0, sizeof room);
	memset(&heard, 0, sizeof heard);
	service_open(&service, hear, NULL);
	is->head = (struct native_head){ NATIVE_ASK, getpid() };
	is->ticket = 42;
	is->n_stack = COPIED;
	for (size_t i = 0; i < 2; i++)
		ask_of_ourselves(&service, is);
	CHECK_INT(heard.answers, 2);
	CHECK_INT(heard.ticket, 42);
	CHECK(heard_of("ask_of_ourselves"));
	CHECK(heard_of("we_are_found_on_our_own_stack") || heard_of("main"));
	is->n_stack = COPIED + 1; /* more than there is */
	service_take(&service, is, sizeof *is + COPIED);
	CHECK_INT(heard.answers, 2);
	is->head.pid = NONE;
	is->n_stack = 0;
	service_take(&service, is, sizeof *is);
	CHECK_INT(heard.answers, 3);
	CHECK_INT(heard.n, 0);
	service_close(&service);
	free(is);
	CHECK_INT(room[7], 0);
}

/* Of somebody who has gone, or never was: the map is told with it. */
static void an_address_is_named_by_its_map(void)
{
	struct service service;
	struct native_place *is = calloc(1, sizeof *is + NATIVE_TEXT);
	uint64_t here = (uint64_t)(uintptr_t)&ask_of_ourselves + 1;
	struct process ourselves = { .pid = getpid() };
	const struct mapping *map = process_mapping(&ourselves, here);
	CHECK(map != NULL);
	memset(&heard, 0, sizeof heard);
	service_open(&service, hear, NULL);
	*is = (struct native_place){ .head = { NATIVE_NAME, NONE },
				     .ticket = 7,
				     .address = here,
				     .start = map->start,
				     .length = map->end - map->start,
				     .offset = map->offset };
	size_t size = sizeof *is + (size_t)snprintf(is->path, NATIVE_TEXT, "%s", map->path) + 1;
	service_take(&service, is, size);
	CHECK_INT(heard.answers, 1);
	CHECK_INT(heard.ticket, 7);
	CHECK(heard_of("ask_of_ourselves"));
	service_take(&service, is, size - 1); /* its text has no end */
	CHECK_INT(heard.answers, 1);
	is->address = UINT64_MAX;
	service_take(&service, is, size);
	CHECK_INT(heard.answers, 2);
	CHECK_INT(heard.n, 0);
	service_close(&service);
	struct processes all = { malloc(sizeof ourselves), 1, 0 };
	*all.items = ourselves;
	processes_free(&all);
	free(is);
}

static void crash(void *context)
{
	*(volatile int *)context = 1;
	raise(SIGSEGV);
	*(volatile int *)context = 2;
}

static void a_crash_is_survived(void)
{
	volatile int came = 0;
	for (int i = 0; i < 3; i++) {
		CHECK(!guard_run(crash, (void *)&came));
		CHECK_INT(came, 1);
	}
}

int main(void)
{
	elf_version(EV_CURRENT);
	guard_open();
	RUN(a_line_of_maps_is_parsed);
	RUN(what_was_told_is_known);
	RUN(many_processes_take_no_more_room);
	RUN(one_that_ran_before_is_read);
	RUN(names_of_made_code);
	RUN(made_names_have_places);
	RUN(one_frame_has_one_number);
	RUN(languages_have_their_names);
	RUN(advice_is_of_a_package_or_a_flag);
	RUN(files_are_opened_and_nothing_else);
	RUN(expressions_are_computed);
	RUN(frame_pointers_are_followed);
	if (!SANITIZED) { /* which has the stack, and what happens at a crash, its own way */
		RUN(we_are_found_on_our_own_stack);
		RUN(an_address_is_named_by_its_map);
		RUN(a_crash_is_survived);
	}
	return DONE();
}
