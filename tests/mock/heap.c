/* Stands in for libmprof-heap.so: what HEAP_MOCK says is written to the segment, whatever the
 * program does. It says letters: n, nothing at all; p, a line of Python holds 5 MiB of 8; c,
 * qsort(3) holds 2 MiB; i, 1 MiB was inherited; f, g, h, j, each flag; k, it kills itself
 * then; w, it waits a while before; x, everything is overwritten from time to time. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/segment.h"

static struct segment segment;

static bool map_it(const char *setting)
{
	char path[256];
	snprintf(path, sizeof path, "%s", setting);
	char *comma = strrchr(path, ',');
	int fd = comma ? (*comma = '\0', open(path, O_RDWR | O_CLOEXEC)) : -1;
	void *memory = fd < 0 ? MAP_FAILED
			      : mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	segment = (struct segment){ memory, memory };
	return memory != MAP_FAILED && segment.shared->format == HEAP_FORMAT &&
	       strtoull(comma + 1, NULL, 16) == segment.shared->token;
}

/* One that has been read is taken again, with its room for sites. */
static struct heap_process *take_again(uint64_t at)
{
	struct heap_process *is = (struct heap_process *)(segment.base + at);
	int none = 0;
	if (at == 0 || !atomic_compare_exchange_strong(&is->pid, &none, -1))
		return NULL;
	struct heap_block *block = (struct heap_block *)(segment.base + is->sites);
	atomic_store(&block->filled, 0);
	memset(block + 1, 0, block->n * sizeof(struct heap_site));
	is->serial = atomic_fetch_add(&segment.shared->attached, 1) + 1;
	is->flags = 0;
	return is;
}

static struct heap_process *take_process(void)
{
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		struct heap_process *again = take_again(segment.shared->processes[i]);
		if (again)
			return again;
	}
	uint64_t at = segment_process(&segment, -1);
	struct heap_process *is = (struct heap_process *)(segment.base + at);
	segment_sites(&segment, &is->sites, 4);
	for (size_t i = 0; i < HEAP_PROCESSES; i++) {
		uint64_t none = 0;
		if (atomic_compare_exchange_strong(&segment.shared->processes[i], &none, at))
			return is;
	}
	return NULL;
}

static void write_sites(struct heap_process *is, const char *what)
{
	const int64_t mib = 1 << 20;
	struct heap_site *site;
	if (strchr(what, 'p')) {
		site = segment_site(&segment, is->sites,
				    segment_line(&segment, "/srv/a.py", 88, "fill"));
		site->places[site->depth++] = segment_line(&segment, "/srv/b.py", 7, "<module>");
		site->given_back = 3 * mib;
		site->blocks = 20;
		site->live = 5 * mib;
	}
	if (strchr(what, 'c')) {
		uint64_t within = (uint64_t)(uintptr_t)&qsort + 1;
		site = segment_site(&segment, is->sites, segment_address(&segment, within));
		site->live = 2 * mib;
	}
	if (strchr(what, 'i')) {
		site = segment_site(&segment, is->sites,
				    segment_line(&segment, "/srv/a.py", 88, "fill"));
		site->inherited = 1;
		site->live = mib;
	}
}

static void *overwrite(void *unused)
{
	unsigned state = 1;
	for (;;) {
		uint64_t used = segment.shared->used;
		for (size_t i = 8; i + 8 < used && i < SEGMENT_SIZE; i += 8) {
			state = state * 1664525 + 1013904223;
			if (state >> 29 == 0)
				*(uint64_t *)(segment.base + i) = (uint64_t)state << (state & 31);
		}
		usleep(5000);
	}
	return unused;
}

static void flag(struct heap_process *is, const char *what)
{
	static const char letters[] = "fghj";
	for (unsigned i = 0; letters[i]; i++)
		if (strchr(what, letters[i]))
			is->flags |= 1u << i;
}

__attribute__((constructor)) static void attach(void)
{
	const char *setting = getenv(HEAP_VARIABLE), *what = getenv("HEAP_MOCK");
	pthread_t thread;
	if (!setting || !what || strchr(what, 'n') || !map_it(setting))
		return;
	struct heap_process *is = take_process();
	if (!is)
		return;
	write_sites(is, what);
	flag(is, what);
	atomic_store(&is->pid, getpid());
	if (strchr(what, 'x'))
		pthread_create(&thread, NULL, overwrite, NULL);
	if (strchr(what, 'w'))
		usleep(150000);
	if (strchr(what, 'k'))
		kill(getpid(), SIGKILL);
}
