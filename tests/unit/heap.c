#include <sys/wait.h>
#include <unistd.h>

#include "recorder/heap/follow.h"
#include "recorder/heap/heap.h"
#include "recorder/heap/put.h"
#include "share/command.h"
#include "tests/check.h"
#include "tests/segment.h"

const struct program this_program = { .name = "test" };

enum { MIB = 1 << 20, SECOND = 1000000000 };

static struct segment segment;
static struct heap_probe *heap;
static struct recording *recording;

static void begin(void)
{
	segment_make(&segment);
	heap = calloc(1, sizeof *heap);
	recording = calloc(1, sizeof *recording);
	recording->writer.fd = -1;
	heap->region = (struct region){ segment.base, SEGMENT_SIZE };
	heap->namer.off = true;
	heap->aside = NULL; /* our own maps are read here and now, however busy the machine */
}

static void end(void)
{
	follow_close(heap);
	places_free(&heap->places);
	stacks_free(&heap->stacks);
	namer_close(&heap->namer);
	told_free(&heap->own);
	free(heap->waiting);
	free(heap);
	free(recording->writer.buffer);
	free(recording);
	free(segment.base);
}

static size_t look(int64_t now, bool last)
{
	recording->writer.used = 0;
	follow_look(heap, recording, now);
	size_t put = put_changes(heap, recording, now, last);
	put_waiting(heap, recording, last);
	follow_drop(heap, recording, now);
	return put;
}

/* What was written since the last look. */
static const char *written(void)
{
	struct profile_writer *w = &recording->writer;
	profile_put_lines(w, "", 1);
	return w->used ? w->buffer : "";
}

static int count(const char *word)
{
	int n = 0;
	for (const char *at = written(); (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void what_changes_is_told(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 3, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 4);
	struct heap_site *site =
		segment_site(&segment, block, segment_line(&segment, "/a b.py", 88, "fill"));
	atomic_store(&site->live, 5 * MIB);
	atomic_store(&site->blocks, 20);
	atomic_store(&site->spread, 20 * 256 * 256);
	CHECK_INT(look(SECOND, false), 1);
	char line[128];
	snprintf(line, sizeof line, "HEAP %d 1 5.000000 0.000000 20 1.250000 ", (int)getpid());
	CHECK(strstr(written(), "PATH 1 /a b.py\nFRAME 1 0 1 88 fill\n"));
	CHECK(strstr(written(), line));
	CHECK_INT(look(2LL * SECOND, false), 0);
	CHECK_STR(written(), "");
	atomic_store(&site->live, MIB);
	atomic_store(&site->given_back, 4 * MIB);
	atomic_store(&site->blocks, 4);
	CHECK_INT(look(3LL * SECOND, false), 1);
	CHECK(strstr(written(), " 1 -4.000000 4.000000 -16 0.000000 "));
	CHECK_INT(count("PATH"), 0);
	end();
}

static void little_changes_wait(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 4);
	struct heap_site *site =
		segment_site(&segment, block, segment_line(&segment, "/a.py", 1, "f"));
	atomic_store(&site->live, 1000);
	CHECK_INT(look(SECOND, false), 0);
	CHECK_INT(look(2LL * SECOND, true), 1);
	atomic_store(&site->live, 100 * MIB);
	CHECK_INT(look(3LL * SECOND, false), 1);
	atomic_store(&site->live, 101 * MIB); /* a hundredth, and soon after */
	CHECK_INT(look(3LL * SECOND + 1, false), 0);
	CHECK_INT(look(5LL * SECOND, false), 1);
	CHECK(strstr(written(), " 1 1.000000 "));
	end();
}

static void blocks_of_sites_go_on(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 1);
	uint32_t place = segment_line(&segment, "/a.py", 1, "f");
	atomic_store(&segment_site(&segment, block, place)->live, MIB);
	CHECK_INT(look(SECOND, false), 1);
	struct heap_block *head = (struct heap_block *)(segment.base + block);
	block = segment_sites(&segment, &head->next, 3);
	CHECK_INT(look(SECOND, false), 0);
	for (int i = 0; i < 3; i++)
		atomic_store(&segment_site(&segment, block, place)->live, 2 * MIB);
	CHECK_INT(look(2LL * SECOND, false), 3); /* of one frame: they add up */
	CHECK_INT(count("HEAP"), 3);
	CHECK_INT(count(" 1 2.000000 "), 3);
	end();
}

static void stacks_are_told_from_the_outermost(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	struct heap_site *site =
		segment_site(&segment, block, segment_line(&segment, "/in.py", 2, "inner"));
	site->places[1] = segment_address(&segment, 1);
	site->places[2] = segment_line(&segment, "/out.py", 1, "outer");
	site->depth = 3;
	atomic_store(&site->live, MIB);
	look(SECOND, false);
	CHECK(strstr(written(), "PATH 1 /out.py\nFRAME 1 0 1 1 outer\nPATH 2 <left out>\nFRAME 2 1 "
				"2 0 ...\nPATH 3 /in.py\nFRAME 3 2 3 2 inner\n"));
	end();
}

/* Nobody names it here: it is called by the binary that it is in. */
static void native_code_without_a_helper_goes_by_its_binary(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	uint32_t us = segment_address(&segment, (uint64_t)(uintptr_t)&look + 1);
	atomic_store(&segment_site(&segment, block, us)->live, MIB);
	uint32_t none = segment_address(&segment, 0x1234);
	atomic_store(&segment_site(&segment, block, none)->live, MIB);
	CHECK_INT(look(SECOND, false), 2);
	CHECK(strstr(written(), "/unit-heap\n"));
	CHECK(strstr(written(), " 0 +0x"));
	CHECK(strstr(written(), "PATH 2 [unmapped]\nFRAME 2 0 2 0 +0x1233\n"));
	end();
}

static void names_are_waited_for(void)
{
	begin();
	heap->namer.off = false;
	heap->namer.tried = true;
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	uint32_t us = segment_address(&segment, (uint64_t)(uintptr_t)&look + 1);
	struct heap_site *site = segment_site(&segment, block, us);
	atomic_store(&site->live, 4 * MIB);
	CHECK_INT(look(SECOND, false), 1);
	atomic_store(&site->live, MIB);
	CHECK_INT(look(2LL * SECOND, false), 1);
	CHECK_STR(written(), "");
	CHECK_INT(heap->n_waiting, 2);
	places_name(&heap->places, 0, "/a.cc", "inlined", 3);
	places_name(&heap->places, 0, "/a.cc", "work", 7);
	places_name(&heap->places, 0, "/a.cc", "main", 9);
	places_name(&heap->places, 0, "/start.S", "_start", 1);
	CHECK_INT(look(3LL * SECOND, false), 0);
	CHECK(strstr(written(), "FRAME 1 0 1 9 main\nFRAME 2 1 1 7 work\nFRAME 3 2 1 3 inlined\n"));
	CHECK_INT(count("HEAP"), 2);
	CHECK(strstr(written(), " 3 -3.000000 "));
	CHECK_INT(count("start"), 0);
	end();
}

static void a_program_that_was_replaced_holds_nothing(void)
{
	begin();
	struct heap_process *old = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &old->sites, 1);
	uint32_t place = segment_line(&segment, "/a.py", 1, "f");
	atomic_store(&segment_site(&segment, block, place)->live, MIB);
	CHECK_INT(look(SECOND, false), 1);
	segment_slot(&segment, 1, getpid());
	look(2LL * SECOND, false);
	CHECK(strstr(written(), " 1 -1.000000 1.000000 "));
	CHECK_INT(atomic_load(&old->pid), 0); /* free for another */
	CHECK_INT(heap->met, 2);
	look(3LL * SECOND, false);
	CHECK_STR(written(), "");
	end();
}

static pid_t who_has_gone(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

/* Its maps cannot be read any more. */
static void code_of_one_that_has_gone_is_where_it_said(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, who_has_gone());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	uint32_t known = segment_address(&segment, 0x5010),
		 other = segment_address(&segment, 0x9000);
	atomic_store(&segment_site(&segment, block, known)->live, MIB);
	atomic_store(&segment_site(&segment, block, other)->live, MIB);
	struct heap_extent *told = segment_extents(&segment, &process->extents, 2);
	told[0] = (struct heap_extent){ 0x1000, 0x2000, 0, segment_text(&segment, "/bin/a") };
	told[1] =
		(struct heap_extent){ 0x5000, 0x6000, 0x300, segment_text(&segment, "/lib/b.so") };
	CHECK_INT(look(SECOND, true), 2);
	CHECK(strstr(written(), "PATH 1 /lib/b.so\nFRAME 1 0 1 0 +0x30f\n"));
	CHECK(strstr(written(), "PATH 2 [not known]\nFRAME 2 0 2 0 +0x8fff\n"));
	end();
}

static void what_it_said_of_its_code_is_not_believed(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, who_has_gone());
	uint64_t block = segment_sites(&segment, &process->sites, 1);
	atomic_store(&segment_site(&segment, block, segment_address(&segment, 0x5010))->live, MIB);
	struct heap_extent *told = segment_extents(&segment, &process->extents, 6);
	struct heap_block *head = (struct heap_block *)told - 1;
	uint64_t path = segment_text(&segment, "/bin/a");
	told[0] = (struct heap_extent){ 0x5000, 0x5000, 0, path };
	told[1] = (struct heap_extent){ 0x5000, 0x6000, 0, UINT64_MAX };
	told[2] = (struct heap_extent){ 0x5000, 0x6000, 0, segment_text(&segment, "a") };
	told[3] = (struct heap_extent){ 0x8000, 0x9000, 0, path };
	told[4] = (struct heap_extent){ 0x5000, 0x6000, 0, path }; /* in no order */
	told[5] = (struct heap_extent){ 0, UINT64_MAX, 0, path };
	atomic_store(&head->next, process->extents); /* in a ring */
	look(SECOND, true);
	CHECK(strstr(written(), "PATH 1 [not known]\n"));
	atomic_store(&head->filled, UINT32_MAX);
	look(2LL * SECOND, true);
	atomic_store(&process->extents, UINT64_MAX - 7);
	look(3LL * SECOND, true);
	CHECK_INT(count("/bin/a"), 0);
	end();
}

static void who_has_gone_makes_room(void)
{
	pid_t pid = who_has_gone();
	begin();
	struct heap_process *process = segment_slot(&segment, 0, pid);
	uint64_t block = segment_sites(&segment, &process->sites, 1);
	uint32_t place = segment_line(&segment, "/a.py", 1, "f");
	struct heap_site *site = segment_site(&segment, block, place);
	atomic_store(&site->live, 1000);
	look(SECOND, false);
	look(2LL * SECOND, false); /* all that was left of it */
	CHECK_INT(atomic_load(&process->pid), 0);
	CHECK_INT(count("HEAP"), 2);
	CHECK(strstr(written(), " -0.000954 0.000000 ")); /* no GONE tells it */
	atomic_store(&((struct heap_block *)(segment.base + block))->filled, 0);
	atomic_store(&process->pid, getpid());
	atomic_store(&segment_site(&segment, block, place)->live, MIB);
	look(3LL * SECOND, false);
	CHECK_INT(count("HEAP"), 1);
	CHECK_INT(heap->met, 2);
	end();
}

static void what_was_inherited_is_told_of_who_lives(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	uint32_t place = segment_line(&segment, "/a.py", 1, "f");
	struct heap_site *site = segment_site(&segment, block, place);
	site->inherited = 1;
	atomic_store(&site->live, MIB);
	CHECK_INT(look(SECOND, false), 0);
	CHECK_INT(look(2LL * SECOND, false), 1);
	CHECK_INT(count(" inherited\n"), 1);
	end();
}

static void figures_of_malloc_are_passed_on(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	atomic_store(&process->malloc_used, 7);
	atomic_store(&process->asked, 9);
	recording->heap.wanted = 2;
	look(SECOND, false);
	follow_figures(heap, recording);
	CHECK_INT(atomic_load(&process->wanted), 2);
	CHECK_INT(recording->heap.n, 1);
	CHECK_INT(recording->heap.all[0].malloc_used, 7);
	CHECK_INT(recording->heap.all[0].pid, getpid());
	CHECK_INT(recording->heap.seen, 1);
	end();
}

static void nothing_is_believed(void)
{
	begin();
	struct heap_process *process = segment_slot(&segment, 0, getpid());
	uint64_t block = segment_sites(&segment, &process->sites, 2);
	struct heap_block *head = (struct heap_block *)(segment.base + block);
	struct heap_site *site = segment_site(&segment, block, UINT32_MAX);
	site->depth = UINT32_MAX;
	atomic_store(&site->live, INT64_MAX);
	atomic_store(&site->spread, INT64_MIN);
	segment_site(&segment, block, 1);
	atomic_store(&head->next, block); /* in a ring */
	look(SECOND, false);
	CHECK(heap->holders[0]->n <= SEGMENT_SIZE / sizeof(struct heap_site) + 2);
	atomic_store(&head->filled, UINT32_MAX);
	look(2LL * SECOND, false);
	head->n = UINT32_MAX;
	look(3LL * SECOND, false);
	head->size = UINT64_MAX;
	look(4LL * SECOND, false);
	atomic_store(&segment.shared->processes[1], UINT64_MAX - 7);
	atomic_store(&segment.shared->processes[2], 8);
	atomic_store(&segment.shared->processes[0], SEGMENT_SIZE - 8);
	look(5LL * SECOND, true);
	CHECK_INT(heap->met, 1);
	end();
}

int main(void)
{
	RUN(what_changes_is_told);
	RUN(little_changes_wait);
	RUN(blocks_of_sites_go_on);
	RUN(stacks_are_told_from_the_outermost);
	RUN(native_code_without_a_helper_goes_by_its_binary);
	RUN(names_are_waited_for);
	RUN(a_program_that_was_replaced_holds_nothing);
	RUN(code_of_one_that_has_gone_is_where_it_said);
	RUN(what_it_said_of_its_code_is_not_believed);
	RUN(who_has_gone_makes_room);
	RUN(what_was_inherited_is_told_of_who_lives);
	RUN(figures_of_malloc_are_passed_on);
	RUN(nothing_is_believed);
	return DONE();
}
