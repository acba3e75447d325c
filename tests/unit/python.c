/* What is known of CPython: its line tables, the offsets of its structures, its ELF files. */
#include "recorder/kernel/clock.h"
#include "recorder/python/code.h"
#include "recorder/python/elf.h"
#include "recorder/python/line_table.h"
#include "recorder/python/offsets.h"
#include "recorder/python/remote.h"
#include "recorder/python/runtime.h"
#include "share/growth/origin.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/check.h"

enum { ALLOWED = 64 << 20 }; /* bytes of files that are looked into */

static int find(enum line_table kind, const char *table, size_t n, int first, int64_t offset)
{
	return line_table_find(kind, (const uint8_t *)table, n, first, offset);
}

static void lnotab_of_39(void)
{
	/* def f():            # 10
	 *     a = 1           # 11: 0 to 3
	 *     return a        # 13: 4 and on */
	static const char table[] = { 0, 1, 4, 2 };
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 4, 10, 0), 11);
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 4, 10, 2), 11);
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 4, 10, 4), 13);
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 4, 10, 400), 13);
	static const char back[] = { 6, -3 };
	CHECK_INT(find(LINE_TABLE_LNOTAB, back, 2, 10, 6), 7);
	CHECK_INT(find(LINE_TABLE_LNOTAB, back, 2, 2, 6), 0); /* there is no line -1 */
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 1, 10, 0), 10);
	CHECK_INT(find(LINE_TABLE_LNOTAB, table, 0, 10, 0), 10);
}

static void lines_of_310(void)
{
	static const char table[] = { 4, 1, 2, -128, 6, 2 };
	CHECK_INT(find(LINE_TABLE_LINES, table, 6, 10, 0), 11);
	CHECK_INT(find(LINE_TABLE_LINES, table, 6, 10, 4), 0); /* an instruction without a line */
	CHECK_INT(find(LINE_TABLE_LINES, table, 6, 10, 6), 13);
	CHECK_INT(find(LINE_TABLE_LINES, table, 5, 10, 6), 11);
}

static void positions_of_311(void)
{
	/* 0x80 | kind << 3 | units - 1 */
	static const char table[] = {
		(char)0xd1, 1,    2,       /* kind 10: the same line, 2 units, columns */
		(char)0xd8, 3,    4,       /* kind 11: a line on, 1 unit */
		(char)0x81, 0x55,          /* kind 0: the same line, short columns, 2 units */
		(char)0xf0, 6,    2, 1, 1, /* kind 14: +3 lines, end line, columns */
		(char)0xe8, 5,             /* kind 13: -2 lines, no columns */
		(char)0xf8,                /* kind 15: no line */
	};
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 0), 20);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 2), 20);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 4), 21);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 6), 21);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 10), 24);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 12), 22);
	CHECK_INT(find(LINE_TABLE_POSITIONS, table, sizeof table, 20, 14), 0);
	struct line_cursor marks[2];
	CHECK_INT(line_table_mark(LINE_TABLE_POSITIONS, (const uint8_t *)table, sizeof table, 20,
				  marks, 2),
		  1);
	CHECK_INT(line_table_nearest(marks, 1, 14), 0);
	CHECK_INT(line_table_find_from(LINE_TABLE_POSITIONS, (const uint8_t *)table, sizeof table,
				       marks, 10),
		  24);
	static const char endless[] = { (char)0xf0, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f };
	find(LINE_TABLE_POSITIONS, endless, sizeof endless, 20, 0); /* ends, whatever it gives */
}

static void offsets_by_version(void)
{
	CHECK(offsets_of(0x0308) == NULL);
	CHECK(offsets_of(0x030d) == NULL);
	for (int version = 0x0309; version <= 0x030c; version++)
		CHECK_INT(offsets_of(version) ? offsets_of(version)->version : 0, version);
}

static void told(uint64_t words[OFFSETS_TOLD / 8], uint64_t version)
{
	for (int i = 0; i < OFFSETS_TOLD / 8; i++)
		words[i] = (uint64_t)i * 8;
	memcpy(words, "xdebugpy", 8);
	words[1] = version << 16 | 0xf0;
	words[2] = 0;
}

static void offsets_that_python_tells(void)
{
	uint64_t words[OFFSETS_TOLD / 8];
	const uint8_t *bytes = (const uint8_t *)words;
	struct offsets o;
	bool free_threaded;
	told(words, 0x030d);
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), 0);
	CHECK_INT(o.version, 0x030d);
	CHECK_INT(o.code_file, 35 * 8);
	CHECK_INT(o.text_length, 69 * 8);
	told(words, 0x030e);
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), 0);
	CHECK_INT(o.code_file, 40 * 8);
	CHECK_INT(o.frame_copy, 38 * 8);
	CHECK_INT(o.code_copies, 49 * 8);
	told(words, 0x030f);
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), 0);
	CHECK_INT(o.thread_native, 31 * 8);
	CHECK_INT(o.code_file, 48 * 8);
	CHECK_INT(o.text_length, 91 * 8);
	CHECK_INT(o.text_wide, 93 * 8);
	CHECK(!free_threaded);
	words[1] = 0x030f00b3; /* of a beta, which was still another */
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), -ENOTSUP);
	told(words, 0x0310); /* a version to come is not guessed at */
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), -ENOTSUP);
	CHECK_INT(o.version, 0x0310);
	told(words, 0x030d);
	words[2] = 1;
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), 0);
	CHECK(free_threaded);
	told(words, 0x030d);
	words[35] = (uint64_t)1 << 40;
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), -EINVAL);
	words[0]++;
	CHECK_INT(offsets_take(&o, bytes, &free_threaded), -ENOENT);
}

static int look_into(int fd, struct elf_python *found)
{
	size_t allowed = ALLOWED;
	return elf_find_python(&(struct elf_image){ .fd = fd, .allowed = &allowed }, found);
}

static void files_that_are_no_python(void)
{
	struct elf_python found;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK_INT(look_into(fd, &found), -ENOENT);
	close(fd);
	fd = open("/", O_RDONLY | O_CLOEXEC);
	CHECK_INT(look_into(fd, &found), -ENOEXEC);
	close(fd);
	fd = memfd_create("none", MFD_CLOEXEC);
	CHECK_INT(look_into(fd, &found), -ENOEXEC);
	CHECK_INT((int)write(fd, "#!/bin/sh\n", 10), 10);
	CHECK_INT(look_into(fd, &found), -ENOEXEC);
	close(fd);
}

/* 4096 tables of symbols that all are the same 16 MiB of nothing, in a file that has no blocks. */
static void tables_that_name_one_place(void)
{
	enum { TABLES = 4096, LARGE = 16 << 20 };
	int fd = memfd_create("tables", MFD_CLOEXEC);
	Elf64_Ehdr head = { .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1,
			    .e_phoff = sizeof head,
			    .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = TABLES,
			    .e_shoff = 4096 };
	const Elf64_Phdr part = { .p_type = PT_LOAD };
	const Elf64_Shdr table = { .sh_type = SHT_DYNSYM, .sh_offset = 1 << 20, .sh_size = LARGE };
	memcpy(head.e_ident, (unsigned char[]){ ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64 },
	       5);
	head.e_ident[EI_DATA] =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	CHECK_INT((int)pwrite(fd, &head, sizeof head, 0), (int)sizeof head);
	CHECK_INT((int)pwrite(fd, &part, sizeof part, sizeof head), (int)sizeof part);
	for (off_t i = 0; i < TABLES; i++)
		CHECK_INT((int)pwrite(fd, &table, sizeof table, 4096 + i * (off_t)sizeof table),
			  (int)sizeof table);
	CHECK_INT(ftruncate(fd, (1 << 20) + LARGE), 0);
	struct elf_python found;
	size_t allowed = ALLOWED;
	const struct elf_image image = { .fd = fd, .allowed = &allowed };
	int64_t before = clock_cpu();
	CHECK_INT(elf_find_python(&image, &found), -ENOENT);
	CHECK(clock_cpu() - before < 1000000000);
	CHECK(allowed <= ALLOWED);
	close(fd);
}

struct text {
	int64_t length;
	uint32_t state;
	char characters[16];
};

struct type {
	const char *name;
};

enum { ASCII = 1 << 2 | 1 << 5 | 1 << 6 };

static const struct offsets simple = { .version = 0x030c,
				       .object_type = 0,
				       .code_first = 8,
				       .type_name = 0,
				       .text_length = 0,
				       .text_state = 8,
				       .text_ascii = 12,
				       .text_wide = 12,
				       .bytes_size = 0,
				       .bytes_data = 8 };

static uint64_t place(const void *what)
{
	return (uint64_t)(uintptr_t)what;
}

/* As many code objects as one likes can share one table: what is gone through of them for one
 * stack, and what is kept, is bounded. */
static void code_that_shares_a_table(void)
{
	enum { LARGE = 256 << 10, MANY = 1000 };
	static struct {
		int64_t size;
		uint8_t data[LARGE];
	} lines;
	static struct text name = { 4, ASCII, "name" };
	static const struct type type = { "code" };
	static struct {
		const struct type *type;
		int first;
	} objects[MANY];
	const struct runtime runtime = { .pid = getpid(), .offsets = simple };
	struct codes codes = { 0 };
	lines.size = LARGE;
	for (int stack = 1; stack <= 2; stack++) {
		size_t n = 0;
		for (size_t i = 0; i < MANY; i++) {
			const uint64_t keys[CODE_KEYS] = { place(&name), place(&name), 0,
							   place(&lines) };
			objects[i].type = &type;
			n += codes_find(&codes, &runtime, place(&objects[i]), keys) != NULL;
		}
		CHECK(n > 50 && n < 300);
		CHECK(codes.bytes < 4 << 20);
		codes_trim(&codes);
	}
	codes_free(&codes);
	CHECK_INT(codes.n, 0);
}

/* A script of very many statements: any line of it is found, though its table is not kept. */
static void a_table_that_is_long(void)
{
	enum { STATEMENTS = 300000 };
	static struct {
		int64_t size;
		uint8_t data[STATEMENTS * 3];
	} lines;
	static struct text name = { 4, ASCII, "name" };
	static const struct type type = { "code" };
	static struct {
		const struct type *type;
		int first;
	} object = { &type, 1 };
	const struct runtime runtime = { .pid = getpid(), .offsets = simple };
	const uint64_t keys[CODE_KEYS] = { place(&name), place(&name), 0, place(&lines) };
	struct codes codes = { 0 };
	lines.size = sizeof lines.data;
	for (size_t i = 0; i < STATEMENTS; i++) /* kind 11: a line on, 2 bytes of code, columns */
		memcpy(lines.data + i * 3, (uint8_t[]){ 0xd8, 0, 9 }, 3);
	const struct code *code = codes_find(&codes, &runtime, place(&object), keys);
	CHECK(code != NULL && codes.bytes < 1 << 20);
	for (int i = 0; code && i < STATEMENTS; i += i < STATEMENTS - 1000 ? 997 : 1)
		CHECK_INT(code_line(code, &runtime, i * 2), i + 2);
	CHECK_INT(code ? code_line(code, &runtime, -2) : 0, 2);
	lines.data[3] = 0xf8; /* kind 15: no line; then the first one stands for it */
	codes_free(&codes);
	code = codes_find(&codes, &runtime, place(&object), keys);
	CHECK_INT(code ? code_line(code, &runtime, 2) : 0, 1);
	codes_free(&codes);
}

static void what_is_no_code(void)
{
	static struct text name = { 4, ASCII, "name" }, wide = { 2, 4 << 8 | 1 << 11, "" };
	static struct {
		int64_t size;
	} lines;
	static const struct type type = { "cell" }, right = { "code" };
	static struct {
		const struct type *type;
		int first;
	} object = { &type, 0 };
	const struct runtime runtime = { .pid = getpid(), .offsets = simple };
	const uint64_t keys[CODE_KEYS] = { place(&name), place(&wide), 0, place(&lines) };
	struct codes codes = { 0 };
	memcpy(wide.characters, (uint32_t[]){ 'a', 0x1f40d }, 8); /* a state as without a lock */
	CHECK(codes_find(&codes, &runtime, place(&object), keys) == NULL);
	object.type = &right;
	const struct code *code = codes_find(&codes, &runtime, place(&object), keys);
	CHECK_STR(code ? code->name : "", "a\xf0\x9f\x90\x8d");
	CHECK_INT(code ? code_line(code, &runtime, 0) : 0, 1); /* never line 0 */
	codes_free(&codes);
}

static void processes_that_are_no_python(void)
{
	struct runtime runtime;
	CHECK_INT(runtime_find(&runtime, getpid()), -ENOENT);
	CHECK_INT(runtime_is_likely(getpid()), 0);
	CHECK(runtime_find(&runtime, 0x7ffffff0) < 0);
}

static void memory_that_is_not_there(void)
{
	uint64_t here[4] = { 1, 2, 3, 4 }, out[4] = { 0 };
	const uint64_t at[4] = { (uint64_t)(uintptr_t)&here[0], 8, (uint64_t)(uintptr_t)&here[2],
				 UINT64_MAX - 4 };
	CHECK(remote_read(getpid(), at[0], out, sizeof out));
	CHECK(!remote_read(getpid(), 8, out, sizeof out));
	CHECK(remote_check(getpid(), 8) < 0);
	memset(out, 0xff, sizeof out);
	remote_gather(getpid(), at, 4, 8, out);
	CHECK_INT(out[0], 1);
	CHECK_INT(out[1], 0);
	CHECK_INT(out[2], 3);
	CHECK_INT(out[3], 0);
}

static void whose_a_file_is(void)
{
	static const char *const theirs[] = {
		"/usr/lib/python3.11/json/decoder.py",
		"/home/a/.pyenv/versions/3.12.1/lib/python3.12/threading.py",
		"/usr/lib64/python3.13/os.py",
		"/srv/.venv/lib/python3.12/site-packages/torch/nn/modules/module.py",
		"/usr/lib/python3/dist-packages/numpy/core/_methods.py",
		"/usr/lib/python311.zip/os.py",
		"<frozen importlib._bootstrap>",
		"<__array_function__ internals>",
	};
	static const char *const users[] = {
		"train.py", "/home/a/train.py",       "<ipython-input-3-0a1b>",
		"<stdin>",  "/home/python3/train.py", "/opt/mylib/python3tools/x.py",
	};
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
		CHECK(origin_of(theirs[i]) == ORIGIN_LIBRARYS);
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		CHECK(origin_of(users[i]) == ORIGIN_USERS);
	CHECK(origin_of("<string>") == ORIGIN_MADE);
	CHECK(origin_of("<decorator-gen-7>") == ORIGIN_MADE);
}

int main(void)
{
	RUN(lnotab_of_39);
	RUN(lines_of_310);
	RUN(positions_of_311);
	RUN(offsets_by_version);
	RUN(offsets_that_python_tells);
	RUN(files_that_are_no_python);
	RUN(tables_that_name_one_place);
	RUN(code_that_shares_a_table);
	RUN(a_table_that_is_long);
	RUN(what_is_no_code);
	RUN(processes_that_are_no_python);
	RUN(memory_that_is_not_there);
	RUN(whose_a_file_is);
	return DONE();
}
