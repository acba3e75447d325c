#include "recorder/heap/preload/shared.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/heap/preload/object.h"

struct heap_process *shared_process;
double shared_mean;

static struct heap_shared *shared;

extern char **environ;

static void *at(uint64_t offset)
{
	return (char *)shared + offset;
}

uint64_t shared_offset(const void *pointer)
{
	return (uint64_t)((const char *)pointer - (const char *)shared);
}

/* 0: there is no room. */
static uint64_t take(size_t size)
{
	uint64_t from = atomic_load(&shared->used);
	size = (size + 63) / 64 * 64;
	do {
		if (from > HEAP_BYTES || size > HEAP_BYTES - from)
			return 0;
	} while (!atomic_compare_exchange_weak(&shared->used, &from, from + size));
	return from;
}

void shared_note(uint32_t flag)
{
	if (shared_process)
		__atomic_fetch_or(&shared_process->flags, flag, __ATOMIC_RELAXED);
}

/* ---- lists ---- */

static struct list {
	_Atomic uint64_t *first;
	struct heap_block *block;
	uint64_t begin;         /* the first block, as it was when this process wrote it */
	uint32_t kind, item, n; /* bytes of an item; how many a block has room for at least */
} lists[] = {
	[SHARED_SITES] = { .kind = HEAP_SITES, .item = sizeof(struct heap_site), .n = 32 },
	[SHARED_PLACES] = { .kind = HEAP_PLACES, .item = sizeof(struct heap_place), .n = 100 },
	[SHARED_TEXTS] = { .kind = HEAP_TEXTS, .item = 1, .n = 4000 },
	[SHARED_EXTENTS] = { .kind = HEAP_EXTENTS, .item = sizeof(struct heap_extent), .n = 16 },
};

enum { LISTS = sizeof lists / sizeof *lists };

static uint32_t filled(const struct heap_block *block)
{
	return atomic_load_explicit(&block->filled, memory_order_relaxed);
}

static struct heap_block *append(struct list *list, struct heap_block *last, uint32_t least)
{
	enum { LARGEST = 128 << 10 };
	uint32_t n = last ? last->n * 2 : list->n;
	if (n > LARGEST / list->item)
		n = LARGEST / list->item;
	n = n < least ? least : n;
	size_t size = (sizeof(struct heap_block) + (size_t)n * list->item + 63) / 64 * 64;
	uint64_t offset = take(size);
	if (!offset)
		return NULL;
	struct heap_block *made = at(offset);
	*made = (struct heap_block){ .size = size, .kind = list->kind, .n = n };
	atomic_store_explicit(last ? &last->next : list->first, offset, memory_order_release);
	list->begin = last ? list->begin : offset;
	return made;
}

void *shared_room(int which, uint32_t n)
{
	struct list *list = &lists[which];
	struct heap_block *block = list->block;
	while (block && filled(block) + n > block->n && block->next)
		block = at(block->next);
	if (!block || filled(block) + n > block->n)
		block = append(list, block, n);
	if (!block)
		return NULL;
	list->block = block;
	return (char *)(block + 1) + (size_t)filled(block) * list->item;
}

void shared_filled(int which, uint32_t n)
{
	struct heap_block *block = lists[which].block;
	atomic_store_explicit(&block->filled, filled(block) + n, memory_order_release);
}

uint64_t shared_text(const char *text)
{
	uint32_t n = (uint32_t)strlen(text) + 1;
	uint32_t padded = (n + 7) / 8 * 8;
	char *room = shared_room(SHARED_TEXTS, padded);
	if (!room)
		return 0;
	memcpy(room, text, n);
	shared_filled(SHARED_TEXTS, padded);
	return shared_offset(room);
}

struct heap_site *shared_first_site(void)
{
	struct heap_block *block = at(shared_process->sites);
	return (struct heap_site *)(block + 1);
}

static void begin_lists(struct heap_process *process)
{
	lists[SHARED_SITES].first = &process->sites;
	lists[SHARED_PLACES].first = &process->places;
	lists[SHARED_TEXTS].first = &process->texts;
	lists[SHARED_EXTENTS].first = &process->extents;
	for (size_t i = 0; i < LISTS; i++)
		lists[i].block = *lists[i].first ? at(*lists[i].first) : NULL;
}

/* ---- a process' part ---- */

static struct heap_process *reuse(void)
{
	for (size_t i = 0; i < HEAP_PROCESSES && shared->processes[i]; i++) {
		struct heap_process *process = at(shared->processes[i]);
		int none = 0;
		if (atomic_compare_exchange_strong(&process->pid, &none, -1))
			return process;
	}
	return NULL;
}

static struct heap_process *make(void)
{
	size_t i = 0;
	while (i < HEAP_PROCESSES && shared->processes[i])
		i++;
	uint64_t offset = i < HEAP_PROCESSES ? take(sizeof(struct heap_process)) : 0;
	if (!offset)
		return NULL;
	struct heap_process *process = at(offset);
	process->head = (struct heap_block){ .size = sizeof *process, .kind = HEAP_PROCESS };
	atomic_store(&process->pid, -1);
	for (; i < HEAP_PROCESSES; i++) {
		uint64_t none = 0;
		if (atomic_compare_exchange_strong(&shared->processes[i], &none, offset))
			return process;
	}
	return NULL;
}

static void clear_sites(const struct heap_process *process)
{
	for (uint64_t offset = process->sites; offset;) {
		struct heap_block *block = at(offset);
		offset = block->next;
		atomic_store(&block->filled, 0);
		memset(block + 1, 0, block->n * sizeof(struct heap_site));
	}
}

static uint64_t pid_space(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static void make_new(struct heap_process *process, int parent)
{
	process->extents = parent ? lists[SHARED_EXTENTS].begin : 0;
	clear_sites(process);
	process->flags = 0;
	process->space = pid_space();
	process->version = 0;
	process->parent = parent;
	process->asked = 0;
	process->malloc_used = process->malloc_kept = process->malloc_range = 0;
	process->in_malloc = process->in_malloc_then = 0;
	process->whole = 1000;
	process->in_python = process->in_python_then = 0;
	process->python_range = process->python_range_then = 0;
	process->python_used = process->python_kept = 0;
	process->allocator = 0;
	process->wanted = 0;
	process->serial = atomic_fetch_add(&shared->attached, 1) + 1;
}

static bool begin_process(int parent)
{
	struct heap_process *process = reuse();
	if (!process)
		process = make();
	shared_process = process;
	if (!process)
		return false;
	make_new(process, parent);
	begin_lists(process);
	if (!shared_room(SHARED_SITES, 1)) {
		shared_process = NULL;
		return false;
	}
	shared_filled(SHARED_SITES, 1);
	atomic_store(&process->pid, getpid());
	return true;
}

/* ---- whose memory this is ---- */

/* A page that the kernel makes zero in a copy, but not where the memory itself is shared, as it is
 * after vfork (madvise(2): MADV_WIPEONFORK). */
static volatile int *own;
static int own_otherwise;

static void mark_own(void)
{
	enum { PAGE = 65536 };
	if (!own) {
		own = object_memory(PAGE);
		if (!own || madvise((void *)own, PAGE, MADV_WIPEONFORK) < 0)
			own = &own_otherwise;
	}
	*own = 1;
}

bool shared_is_copy(void)
{
	return shared_process && own && !*own;
}

bool shared_fork(void)
{
	int parent = shared_process->pid;
	bool begun = begin_process(parent);
	mark_own();
	return begun;
}

void shared_leave(void)
{
	shared_process = NULL;
}

/* ---- where it is ---- */

static void *map_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	void *memory = MAP_FAILED;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && status.st_size == HEAP_BYTES)
		memory = object_mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return memory == MAP_FAILED ? NULL : memory;
}

static void *attach_segment(const char *number)
{
	struct shmid_ds segment;
	int id = atoi(number);
	void *memory = (void *)-1;
	if (shmctl(id, IPC_STAT, &segment) == 0 && segment.shm_segsz == HEAP_BYTES)
		memory = shmat(id, NULL, 0);
	return memory == (void *)-1 ? NULL : memory;
}

/* What the variable names is the recorder's and no other's: it begins with the token. */
static struct heap_shared *map_shared(const char *setting)
{
	char place[64];
	const char *comma = strchr(setting, ',');
	if (!comma || (size_t)(comma - setting) >= sizeof place)
		return NULL;
	memcpy(place, setting, (size_t)(comma - setting));
	place[comma - setting] = '\0';
	bool is_file = *place == '/';
	struct heap_shared *found = is_file ? map_file(place) : attach_segment(place);
	if (!found || (found->token == strtoull(comma + 1, NULL, 16) &&
		       found->format == HEAP_FORMAT && found->mean > 0))
		return found;
	if (is_file)
		object_munmap(found, HEAP_BYTES);
	else
		shmdt(found);
	return NULL;
}

bool shared_attach(void)
{
	static bool tried;
	if (tried || !environ)
		return shared_process != NULL;
	tried = true;
	const char *setting = getenv(HEAP_VARIABLE);
	shared = setting ? map_shared(setting) : NULL;
	if (!shared)
		return false;
	shared_mean = (double)shared->mean;
	mark_own();
	return begin_process(0);
}
