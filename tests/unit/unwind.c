/* The way up a copied stack, by the unwinding tables of what is mapped: our own. */
#include "recorder/python/unwind.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include "recorder/python/elf.h"
#include "recorder/python/functions.h"
#include "tests/check.h"
#include "tests/registers.h"

enum { COPIED = 16384, MOST = 64 };

struct copy {
	uint64_t registers[FAULT_REGISTERS];
	uint8_t stack[COPIED];
	struct fault fault;
	void *ours, *callers; /* where the two innermost functions return to */
};

/* As the kernel copies it: whatever lies there, up to the end of the stack. */
__attribute__((no_sanitize("address"))) static void copy_stack(struct copy *copy, const char *from)
{
	static char *top;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long low, high;
	while (maps && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx", &low, &high) == 2 && (unsigned long)from >= low &&
		    (unsigned long)from < high)
			top = (char *)high;
	if (maps)
		fclose(maps);
	size_t n = (size_t)(top - from) < COPIED ? (size_t)(top - from) : COPIED;
	for (volatile size_t i = 0; i < n; i++)
		copy->stack[i] = (uint8_t)from[i];
	copy->fault = (struct fault){
		.pid = getpid(), .registers = copy->registers, .stack = copy->stack, .n_stack = n
	};
}

__attribute__((noinline)) static int take_copy(struct copy *copy)
{
	ucontext_t context;
	getcontext(&context);
	take_registers(copy->registers, &context);
	copy_stack(copy, (const char *)copy->registers[FAULT_SP]);
	copy->ours = __builtin_return_address(0);
	return 1;
}

__attribute__((noinline)) static int call(struct copy *copy)
{
	copy->callers = __builtin_return_address(0);
	volatile int taken = take_copy(copy); /* no jump instead of a call */
	return taken + 1;
}

static void finds_the_way_up(void)
{
	static struct copy copy;
	struct unwinder unwinder = { .images.pid = getpid() };
	struct unwound at;
	uint64_t places[MOST] = { 0 };
	int n = 0;
	call(&copy);
	CHECK(unwind_begin(&copy.fault, &at));
	do {
		CHECK(unwind_look(&unwinder, &at) || n > 2);
		CHECK(!at.evaluates);
		places[n++] = at.registers[FAULT_PC];
	} while (n < MOST && unwind_up(&unwinder, &copy.fault, &at));
	CHECK(n >= 4 && n < MOST);
	CHECK_INT(places[1], (uintptr_t)copy.ours);
	CHECK_INT(places[2], (uintptr_t)copy.callers);
	unwind_forget(&unwinder);
}

static void ends_where_the_copy_does(void)
{
	static struct copy copy;
	struct unwinder unwinder = { .images.pid = getpid() };
	struct unwound at;
	call(&copy);
	for (size_t n = 0; n < 256; n += 8) {
		int steps = 0;
		copy.fault.n_stack = n;
		CHECK(unwind_begin(&copy.fault, &at));
		do
			unwind_look(&unwinder, &at);
		while (steps++ < MOST && unwind_up(&unwinder, &copy.fault, &at));
		CHECK(steps < MOST);
	}
	copy.fault.registers = NULL;
	CHECK(!unwind_begin(&copy.fault, &at));
	unwind_forget(&unwinder);
}

/* Code and stack that are nowhere. */
static void survives_nonsense(void)
{
	static struct copy copy;
	struct unwinder unwinder = { .images.pid = getpid() };
	struct unwound at;
	call(&copy);
	for (unsigned seed = 1; seed < 300; seed++) {
		srand(seed);
		for (size_t i = 0; i < copy.fault.n_stack; i += 64)
			copy.stack[i + (size_t)rand() % 64] ^= (uint8_t)rand();
		unwind_begin(&copy.fault, &at);
		for (int i = 0; i < MOST; i++) {
			unwind_look(&unwinder, &at);
			if (!unwind_up(&unwinder, &copy.fault, &at))
				break;
		}
	}
	unwind_forget(&unwinder);
}

/* ---- files ---- */

static int changed(const uint8_t *bytes, size_t n, unsigned seed, size_t end)
{
	static char name[] = "/tmp/unwind-XXXXXX";
	strcpy(name + sizeof name - 7, "XXXXXX");
	int fd = mkstemp(name);
	uint8_t *copy = malloc(n + 1);
	if (fd < 0 || !copy)
		return -1;
	unlink(name);
	memcpy(copy, bytes, n);
	srand(seed);
	for (int i = 0; i < 4000; i++)
		copy[(size_t)rand() % (i % 2 ? 1024 : n)] = (uint8_t)rand();
	if (seed % 2)
		memcpy(copy, bytes, 1024); /* its head is whole, and only the tables are not */
	if (write(fd, copy, end) < 0)
		end = 0;
	free(copy);
	return fd;
}

static uint64_t symbol_in(int fd, const char *name)
{
	size_t allowed = 1 << 24;
	return elf_symbol(&(struct elf_image){ .fd = fd, .allowed = &allowed }, name);
}

/* What a file says of its tables need not be so. */
static void survives_hostile_files(void)
{
	static uint8_t bytes[1 << 22];
	struct binary binary;
	struct cfi_row row;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
	CHECK(n > 1024 && binary_read(&binary, fd) == 0);
	CHECK(binary.unwinding != 0);
	CHECK_INT(symbol_in(fd, "there_is_no_such_function"), 0);
	close(fd);
	for (unsigned seed = 0; seed < 60 && n > 1024; seed++) {
		fd = changed(bytes, (size_t)n, seed, seed % 3 ? (size_t)n : (size_t)n / 3);
		if (fd >= 0 && binary_read(&binary, fd) == 0) {
			for (uint64_t at = 0; at < (uint64_t)n; at += 1021)
				cfi_find(&binary, fd, at, &row);
			functions_read(&binary, fd);
			for (uint64_t at = 0; at < (uint64_t)n; at += 1021)
				cfi_find(&binary, fd, at, &row);
			free(binary.functions);
		}
		symbol_in(fd, "main");
		if (fd >= 0)
			close(fd);
	}
}

static void index_changes_nothing(void)
{
	struct binary plain, indexed;
	struct cfi_row a, b;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), found = 0;
	CHECK(binary_read(&plain, fd) == 0 && binary_read(&indexed, fd) == 0);
	functions_read(&indexed, fd);
	CHECK(indexed.n_functions > 0);
	for (uint64_t at = 0; at < 1 << 18; at += 61) {
		int r = cfi_find(&plain, fd, at, &a);
		CHECK_INT(cfi_find(&indexed, fd, at, &b), r);
		CHECK(r < 0 || (a.low == b.low && a.base == b.base && a.offset == b.offset));
		found += r == 0;
	}
	CHECK(found > 100);
	free(indexed.functions);
	close(fd);
}

/* ---- what is mapped ---- */

static int copy_of_us(void)
{
	char name[] = "/tmp/unwind-XXXXXX", bytes[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), fd = mkstemp(name);
	ssize_t n = read(from, bytes, sizeof bytes);
	unlink(name);
	CHECK(n > 0 && write(fd, bytes, (size_t)n) == n);
	close(from);
	return fd;
}

/* Files are told apart though they lie at the same address one after the other, and what was not
 * there is found as soon as it is. */
static void follows_what_is_mapped(void)
{
	const size_t size = 8192;
	struct images images = { .pid = getpid() };
	struct stat status;
	char *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t low = (uintptr_t)at;
	CHECK(!images_find(&images, low));
	for (int i = 0; i < 3; i++) {
		int fd = copy_of_us();
		fstat(fd, &status);
		if (mmap(at, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) != at) {
			close(fd); /* nothing in /tmp may be executed here */
			break;
		}
		images_mapped(&images, low, low + size);
		const struct image *image = images_find(&images, low + 64);
		CHECK(image && image->inode == status.st_ino);
		const struct binary_file *file = image ? images_file(&images, image) : NULL;
		CHECK(!file || file->inode == status.st_ino);
		close(fd);
	}
	munmap(at, size);
	images_forget(&images);
	binaries_forget();
}

/* The oldest make room, and no descriptor is left behind. */
static void keeps_few_files(void)
{
	for (int i = 0; i < BINARIES_MOST * 2; i++) {
		struct binary_file *file = binaries_add(1, (uint64_t)i + 1, copy_of_us());
		CHECK(file && binaries_find(1, (uint64_t)i + 1) == file);
	}
	CHECK(!binaries_find(1, 1));
	CHECK(binaries_find(1, BINARIES_MOST + 1));
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CHECK(!binaries_add(1, 9999, fd));
	CHECK(fcntl(fd, F_GETFD) < 0);
	int last = binaries_find(1, BINARIES_MOST * 2)->fd;
	binaries_forget();
	CHECK(fcntl(last, F_GETFD) < 0);
}

int main(void)
{
	RUN(finds_the_way_up);
	RUN(ends_where_the_copy_does);
	RUN(survives_nonsense);
	RUN(survives_hostile_files);
	RUN(index_changes_nothing);
	RUN(follows_what_is_mapped);
	RUN(keeps_few_files);
	return DONE();
}
