#include "recorder/python/lines.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "tests/check.h"

static char path[] = "/tmp/mprof-lines-XXXXXX";

/* As the recorder maps it, with a page behind it that may not be touched. */
static struct agent_shared *new_shared(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, AGENT_BYTES + page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mprotect(memory + AGENT_BYTES, page, PROT_NONE);
	struct agent_shared *shared = (struct agent_shared *)memory;
	atomic_store(&shared->used, (uint64_t)AGENT_BLOCKS);
	return shared;
}

static void free_shared(struct agent_shared *shared)
{
	munmap(shared, AGENT_BYTES + (size_t)sysconf(_SC_PAGESIZE));
}

static void *add_block(struct agent_shared *shared, size_t size, uint32_t kind)
{
	size = (size + 7) / 8 * 8;
	struct agent_block *block =
		(struct agent_block *)((char *)shared + atomic_fetch_add(&shared->used, size));
	block->size = size;
	block->kind = kind;
	atomic_store(&block->pid, 77);
	return block;
}

static struct agent_listing *add_listing(struct agent_shared *shared, const char *texts,
					 uint32_t text, uint32_t n_lines)
{
	struct agent_listing *listing = add_block(
		shared, sizeof *listing + n_lines * sizeof *listing->lines + text, AGENT_LISTING);
	listing->first = 10;
	listing->n_lines = n_lines;
	listing->text = text;
	memcpy(&listing->lines[n_lines], texts, text);
	for (uint32_t i = 0; i < n_lines; i += 2)
		listing->lines[i] =
			(struct agent_line){ -(1 << 20), 5 << 20, 6 << 20, 1 << 20, i + 1 };
	return listing;
}

static struct agent_buffer *add_buffer(struct agent_shared *shared, const char *text)
{
	struct agent_buffer *buffer = add_block(shared, sizeof *buffer, AGENT_RECORDS);
	unsigned n = atomic_fetch_add(&shared->n_buffers, 1);
	atomic_store(&shared->buffers[n], (unsigned)((char *)buffer - (char *)shared));
	strcpy(buffer->text, text);
	atomic_store(&buffer->used, (unsigned)strlen(text));
	return buffer;
}

static struct profile collected(struct agent_shared *shared)
{
	struct profile_writer writer;
	struct profile profile;
	unlink(path);
	CHECK_INT(profile_create(&writer, path, PROFILE_REPLACE), 0);
	profile_clear(&writer);
	lines_drain(shared, &writer, true);
	lines_put(shared, &writer);
	CHECK_INT(profile_finish(&writer), 0);
	CHECK_INT(profile_load(&profile, path, NULL), 0);
	return profile;
}

static void counters_become_lines(void)
{
	struct agent_shared *shared = new_shared();
	add_listing(shared, "/a b.py\0m.f", 12, 3);
	add_buffer(shared, "ENTER m.f 1.0 1700000000.5 0 7\nFUNC cut 1.0");
	add_listing(shared, "/c.py\0m.g", 10, 1);
	struct profile p = collected(shared);
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.n_listings, 2);
	CHECK_STR(p.listings[0].file, "/a b.py");
	CHECK_STR(p.listings[0].function, "m.f");
	CHECK_INT(p.listings[0].pid, 77);
	CHECK_INT(p.listings[0].n_lines, 2); /* the one between did not run */
	CHECK_INT(p.listings[0].lines[1].line, 12);
	CHECK_INT(p.listings[0].lines[1].umib, 5000000);
	CHECK_INT(p.listings[0].lines[1].increment, -1000000);
	CHECK_INT(p.listings[0].lines[1].peak, 6000000);
	CHECK_INT(p.listings[0].lines[1].occurrences, 3);
	CHECK_INT(p.listings[0].lines[1].foreign, 1000000);
	CHECK_INT(p.n_entered, 1);
	CHECK_INT(p.n_calls, 0);
	profile_free(&p);
	free_shared(shared);
}

static void buffers_are_emptied_and_given_back(void)
{
	struct agent_shared *shared = new_shared();
	struct agent_buffer *mine = add_buffer(shared, "ENTER a 1.0 1700000000.5 0 7\n");
	struct agent_buffer *gone = add_buffer(shared, "ENTER b 1.0 1700000000.5 0 7\n");
	struct agent_buffer *busy = add_buffer(shared, "ENTER c 1.0 1700000000.5 0 7\n");
	struct profile_writer writer;
	atomic_store(&mine->head.pid, (int)getpid());
	atomic_store(&gone->head.pid, INT_MAX);
	atomic_store(&gone->space, agent_pid_space());
	atomic_store(&gone->busy, 1); /* killed at it */
	atomic_store(&busy->head.pid, (int)getpid());
	atomic_store(&busy->busy, 1);
	unlink(path);
	CHECK_INT(profile_create(&writer, path, PROFILE_REPLACE), 0);
	profile_clear(&writer);
	lines_drain(shared, &writer, false);
	CHECK_INT(atomic_load(&mine->used), 0);
	CHECK_INT(atomic_load(&mine->busy), 0);
	CHECK_INT(atomic_load(&gone->head.pid), 0);
	CHECK(atomic_load(&busy->used) > 0);
	lines_drain(shared, &writer, true);
	CHECK_INT(atomic_load(&busy->used), 0);
	CHECK_INT(profile_finish(&writer), 0);
	struct profile p;
	CHECK_INT(profile_load(&p, path, NULL), 0);
	CHECK_INT(p.n_entered, 3);
	CHECK_INT(p.flaws.malformed, 0);
	profile_free(&p);
	free_shared(shared);
}

/* Where its pid means something else, or was not told yet, it is none of ours to end. */
static void buffers_of_another_pid_namespace_are_left(void)
{
	struct agent_shared *shared = new_shared();
	struct agent_buffer *far = add_buffer(shared, "ENTER a 1.0 1700000000.5 0 7\n");
	struct agent_buffer *new = add_buffer(shared, "ENTER b 1.0 1700000000.5 0 7\n");
	struct profile_writer writer;
	atomic_store(&far->head.pid, INT_MAX);
	atomic_store(&far->space, agent_pid_space() + 1);
	atomic_store(&far->busy, 1);
	atomic_store(&new->head.pid, INT_MAX);
	unlink(path);
	CHECK_INT(profile_create(&writer, path, PROFILE_REPLACE), 0);
	profile_clear(&writer);
	lines_drain(shared, &writer, false);
	CHECK(atomic_load(&far->used) > 0); /* it is writing there */
	CHECK_INT(atomic_load(&far->head.pid), INT_MAX);
	CHECK_INT(atomic_load(&new->used), 0);
	CHECK_INT(atomic_load(&new->head.pid), INT_MAX);
	lines_drain(shared, &writer, true);
	CHECK_INT(atomic_load(&far->used), 0);
	CHECK_INT(profile_finish(&writer), 0);
	free_shared(shared);
}

static void strange_listings_are_passed_over(void)
{
	static const struct {
		const char *texts;
		uint32_t text;
	} strange[] = { { "abc", 3 },        { "\0m.f", 5 },     { "/a.py\0", 6 },
			{ "/a.py\0m.f", 9 }, { "/a.py\0\0", 7 }, { "", 1 } };
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
		struct agent_shared *shared = new_shared();
		add_listing(shared, strange[i].texts, strange[i].text, 2);
		add_listing(shared, "/c.py\0m.g", 10, 1);
		struct profile p = collected(shared);
		CHECK_INT(p.n_listings, 1);
		profile_free(&p);
		free_shared(shared);
	}
}

/* A program can write there whatever it likes. */
static void hostile_bytes_do_no_harm(void)
{
	uint32_t random = 1;
	for (int round = 0; round < 300; round++) {
		struct agent_shared *shared = new_shared();
		add_listing(shared, "/a b.py\0m.f", 12, 30);
		add_buffer(shared, "ENTER a 1.0 1700000000.5 0 7\n");
		add_listing(shared, "/c.py\0m.g", 10, 3);
		for (int i = 0; i < 40; i++) {
			random = random * 1664525 + 1013904223;
			size_t at = i % 4 == 0 ? offsetof(struct agent_shared, n_buffers) +
							 (random >> 8) % 64
				    : i % 4 == 1 ? offsetof(struct agent_shared, used) +
							   (random >> 8) % 8
						 : AGENT_BLOCKS + (random >> 8) % 1200;
			((unsigned char *)shared)[at] = (unsigned char)(random >> 24);
		}
		struct profile p = collected(shared);
		CHECK_INT(p.memory.samples, 0);
		profile_free(&p);
		free_shared(shared);
	}
}

int main(void)
{
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	RUN(counters_become_lines);
	RUN(buffers_are_emptied_and_given_back);
	RUN(buffers_of_another_pid_namespace_are_left);
	RUN(strange_listings_are_passed_over);
	RUN(hostile_bytes_do_no_harm);
	unlink(path);
	return DONE();
}
