/* Holds so much memory of one kind: maps KIND FILE SECONDS. FILE has that many bytes, and need not
 * be there for most. Ends with 77 where this machine has no such memory. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 12 << 20, PAGE = 4096, THREADS = 50, DEEP = 6 << 20, NOT_HERE = 77 };

static const char *file;
static double seconds;
static char bss[SIZE];
static volatile char sink;
static atomic_int arrived; /* threads, where they stay */

static void check(int works)
{
	if (!works)
		_exit(NOT_HERE);
}

static char *map(int protection, int flags, int fd)
{
	char *memory = mmap(NULL, SIZE, protection, flags, fd, 0);
	check(memory != MAP_FAILED);
	return memory;
}

static void look_at(const volatile char *memory, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		sink = memory[i];
}

static void fill(char *memory)
{
	memset(memory, 1, SIZE);
}

/* ---- without a file ---- */

static void hold_anonymous(void)
{
	fill(map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1));
}

static void hold_unwritten(void)
{
	look_at(map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), SIZE);
	hold_anonymous();
}

static void hold_reserved(void)
{
	check(mmap(NULL, (size_t)1 << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0) != MAP_FAILED);
	hold_anonymous();
}

static void hold_huge(void)
{
	const size_t huge = 2 << 20;
	char *memory =
		mmap(NULL, SIZE + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(memory != MAP_FAILED);
	memory += huge - (size_t)memory % huge;
	check(madvise(memory, SIZE, MADV_HUGEPAGE) == 0);
	fill(memory);
}

static void hold_many(void)
{
	char *memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(memory);
	for (size_t i = 0; i < SIZE; i += (size_t)2 * PAGE)
		check(mprotect(memory + i, PAGE, PROT_READ) == 0);
}

static void hold_unneeded(void)
{
	char *memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(memory);
	check(madvise(memory, SIZE / 2, MADV_FREE) == 0 &&
	      madvise(memory + SIZE / 2, SIZE / 4, MADV_DONTNEED) == 0);
}

static void hold_hugetlb(void)
{
	fill(map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1));
}

static void hold_bss(void)
{
	fill(bss);
}

/* ---- heaps and stacks ---- */

static void hold_blocks(void)
{
	for (size_t i = 0; i < SIZE / 1024; i++) {
		char *block = malloc(1000);
		check(block != NULL);
		memset(block, 1, 1000);
	}
}

static void start(void *(*in_thread)(void *))
{
	pthread_t thread;
	int before = arrived;
	check(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	while (arrived == before)
		usleep(1000);
}

static void *keep_blocks(void *nothing)
{
	hold_blocks();
	arrived++;
	pause();
	return nothing;
}

static void hold_arena(void)
{
	start(keep_blocks);
}

static void *use_stack(void *nothing)
{
	char memory[SIZE / THREADS];
	memset(memory, 1, sizeof memory);
	look_at(memory, sizeof memory);
	arrived++;
	pause();
	return nothing;
}

static void hold_stacks(void)
{
	for (int i = 0; i < THREADS; i++)
		start(use_stack);
}

__attribute__((noinline)) static void hold_deep(void)
{
	char memory[DEEP];
	memset(memory, 1, sizeof memory);
	look_at(memory, sizeof memory);
}

/* ---- shared ---- */

static void hold_memfd(void)
{
	int fd = memfd_create("held", 0);
	check(fd >= 0 && ftruncate(fd, SIZE) == 0);
	fill(map(PROT_READ | PROT_WRITE, MAP_SHARED, fd));
}

static void hold_shared(void)
{
	fill(map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1));
}

static void hold_segment(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0600);
	check(id >= 0);
	char *memory = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	check(memory != (void *)-1);
	fill(memory);
}

static void hold_volatile(void)
{
	char name[] = "/dev/shm/mprof-maps-XXXXXX";
	int fd = mkstemp(name);
	check(fd >= 0);
	unlink(name);
	check(ftruncate(fd, SIZE) == 0);
	fill(map(PROT_READ | PROT_WRITE, MAP_SHARED, fd));
}

/* ---- of files ---- */

static int open_file(void)
{
	int fd = open(file, O_RDWR);
	check(fd >= 0);
	return fd;
}

static void hold_file(void)
{
	look_at(map(PROT_READ, MAP_PRIVATE, open_file()), SIZE);
}

static void hold_dirty(void)
{
	fill(map(PROT_READ | PROT_WRITE, MAP_SHARED, open_file()));
}

static void hold_copied(void)
{
	fill(map(PROT_READ | PROT_WRITE, MAP_PRIVATE, open_file()));
}

static void hold_deleted(void)
{
	hold_file();
	unlink(file);
}

/* ---- of several processes ---- */

static void hold_in_children(void)
{
	hold_anonymous();
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			return;
}

static void hold_after_exec(void)
{
	char again[] = "maps", kind[] = "blocks", path[] = "-", text[32];
	char *argv[] = { again, kind, path, text, NULL };
	hold_anonymous();
	snprintf(text, sizeof text, "%g", seconds);
	execv("/proc/self/exe", argv);
	check(0);
}

static const struct {
	const char *name;
	void (*hold)(void);
} kinds[] = {
	{ "anonymous", hold_anonymous },
	{ "unwritten", hold_unwritten },
	{ "reserved", hold_reserved },
	{ "huge", hold_huge },
	{ "many", hold_many },
	{ "unneeded", hold_unneeded },
	{ "hugetlb", hold_hugetlb },
	{ "bss", hold_bss },
	{ "blocks", hold_blocks },
	{ "arena", hold_arena },
	{ "stacks", hold_stacks },
	{ "deep", hold_deep },
	{ "memfd", hold_memfd },
	{ "shared", hold_shared },
	{ "segment", hold_segment },
	{ "volatile", hold_volatile },
	{ "file", hold_file },
	{ "dirty", hold_dirty },
	{ "copied", hold_copied },
	{ "deleted", hold_deleted },
	{ "children", hold_in_children },
	{ "exec", hold_after_exec },
};

int main(int argc, char *argv[])
{
	check(argc == 4);
	file = argv[2];
	seconds = atof(argv[3]);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			kinds[i].hold();
	usleep((useconds_t)(seconds * 1e6));
	while (wait(NULL) > 0)
		continue;
	return 0;
}
