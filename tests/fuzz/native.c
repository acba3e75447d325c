/* What mprof-c-native reads of others: a binary with its debugging information, the names that a
 * virtual machine wrote, and the recorder's messages, each of these bytes. Ends, stays within
 * bounds, and has an answer to every question. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recorder/native/debug_file.h"
#include "recorder/native/guard.h"
#include "recorder/native/naming.h"
#include "recorder/native/perf_map.h"
#include "recorder/native/service.h"
#include "tests/fuzz/fuzz.h"

enum { NOBODY = 1 << 22 };

static size_t answers;

static void hear(void *context, const void *message, size_t n)
{
	const struct native_head *head = message;
	(void)context;
	PROMISE(n >= sizeof *head && n <= NATIVE_MESSAGE);
	answers += head->word == NATIVE_ANSWER;
}

struct binary {
	struct modules modules;
	struct frames frames;
	struct module *module;
	uint64_t first;
};

static void read_binary(void *context)
{
	struct binary *b = context;
	module_read_names(b->module, getpid());
	for (uint64_t i = 0; i < 64; i++) {
		uint64_t address = b->module->segments[0].address + 16 * i;
		const struct named *named = naming_at(b->module, address, &b->frames);
		PROMISE(!named || named->first + named->n <= b->module->n_numbers);
		const struct row *row = rules_at(&b->module->rules, address);
		PROMISE(!row || row->return_column < FAULT_REGISTERS);
	}
}

/* The libraries that we stand on have faults of their own, which a guard is there for. */
static void try_binary(const uint8_t *data, size_t size)
{
	struct binary b = { .first = 0 };
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return;
	b.module = modules_take(&b.modules, fd, "/fuzz");
	if (b.module && !guard_run(read_binary, &b))
		b.module->broken = true;
	modules_free(&b.modules);
	frames_free(&b.frames);
}

static void try_names(const uint8_t *data, size_t size)
{
	struct perf_map *map = perf_map_new();
	struct frames frames = { 0 };
	if (!map)
		return;
	perf_map_take(map, (const char *)data, size / 2);
	perf_map_name(map, 0x1000);
	perf_map_take(map, (const char *)data + size / 2, size - size / 2);
	for (uint64_t at = 0; at < 0x4000; at += 0x100) {
		const char *name = perf_map_name(map, at);
		if (name)
			naming_made(&frames, name);
	}
	frames_free(&frames);
	perf_map_free(map);
}

/* Is an answer due to that? */
static bool is_asked(const void *message, size_t n)
{
	const struct native_question *question = message;
	const struct native_place *place = message;
	if (n < sizeof question->head)
		return false;
	if (question->head.word == NATIVE_NAME)
		return n > sizeof *place && ((const char *)message)[n - 1] == '\0' &&
		       place->address != 0;
	return question->head.word == NATIVE_ASK && n >= sizeof *question &&
	       question->n_stack <= n - sizeof *question;
}

/* Each behind a byte of its length; of processes that are nobody's. */
static void try_messages(const uint8_t *data, size_t size)
{
	static _Alignas(8) unsigned char message[4096];
	struct service service;
	size_t asked = 0;
	answers = 0;
	service_open(&service, hear, NULL);
	for (size_t at = 0; at < size;) {
		size_t n = (size_t)data[at++] * 4;
		n = n < size - at ? n : size - at;
		memcpy(message, data + at, n);
		at += n;
		struct native_question *is = (void *)message;
		if (n >= sizeof is->head) {
			is->head.word %= NATIVE_FRAME;
			is->head.pid = NOBODY + is->head.pid % 8;
		}
		asked += is_asked(message, n);
		service_take(&service, message, n);
	}
	PROMISE(answers == asked);
	service_close(&service);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool open;
	if (!open) {
		elf_version(EV_CURRENT);
		guard_open();
		signal(SIGABRT, SIG_DFL); /* a broken promise */
	}
	open = true;
	try_binary(data, size);
	try_names(data, size);
	try_messages(data, size);
	return 0;
}
