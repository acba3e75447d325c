/* What each process holds of a sampled heap, by frame, in bounded memory. */
#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/profile/heap.h"
#include "share/profile/sum.h"

enum { MOST_PROCESSES = 1024, MOST_CELLS = 1 << 18, FEWEST_SLOTS = 64 };

struct heap_process *heap_process_find(struct heap_loading *l, pid_t pid)
{
	if (l->last < l->n_processes && l->processes[l->last].pid == pid)
		return &l->processes[l->last];
	for (size_t i = l->n_processes; i-- > 0;)
		if (l->processes[i].pid == pid) {
			l->last = i;
			return &l->processes[i];
		}
	return NULL;
}

struct heap_process *heap_process_spent(struct heap_loading *l)
{
	for (size_t i = 0; i < l->n_processes; i++)
		if (l->processes[i].taken)
			return &l->processes[i];
	return NULL;
}

struct heap_process *heap_process_of(struct heap_loading *l, pid_t pid)
{
	struct heap_process *process = heap_process_find(l, pid);
	if (process)
		return process;
	if (l->n_processes < MOST_PROCESSES)
		process = array_more(&l->processes, &l->n_processes, sizeof *process);
	else
		process = heap_process_spent(l);
	if (process) {
		heap_process_clear(l, process);
		*process = (struct heap_process){ .pid = pid };
	}
	return process;
}

void heap_process_clear(struct heap_loading *l, struct heap_process *process)
{
	l->n_cells -= process->n_cells;
	free(process->cells);
	free(process->slots);
	process->cells = NULL;
	process->slots = NULL;
	process->n_cells = process->n_slots = 0;
}

/* The slot of that frame, or the free one where it belongs. */
static uint32_t *slot_of(const struct heap_process *p, size_t frame)
{
	size_t at = (size_t)((uint64_t)frame * 0x9e3779b97f4a7c15 >> 32);
	for (;; at++) {
		uint32_t *slot = &p->slots[at & (p->n_slots - 1)];
		if (*slot == 0 || p->cells[*slot - 1].frame == frame)
			return slot;
	}
}

/* Half of the slots are free at least. */
static int make_room(struct heap_process *p)
{
	if (2 * p->n_cells < p->n_slots)
		return 0;
	size_t n = p->n_slots ? 2 * p->n_slots : FEWEST_SLOTS;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	free(p->slots);
	p->slots = slots;
	p->n_slots = n;
	for (size_t i = 0; i < p->n_cells; i++)
		*slot_of(p, p->cells[i].frame) = (uint32_t)i + 1;
	return 0;
}

int heap_process_add(struct heap_loading *l, struct heap_process *p, size_t frame,
		     const struct heap_figures *change)
{
	if (make_room(p) < 0)
		return -ENOMEM;
	uint32_t *slot = slot_of(p, frame);
	if (*slot == 0 && l->n_cells == MOST_CELLS)
		return 0;
	if (*slot == 0) {
		struct heap_cell *made = array_more(&p->cells, &p->n_cells, sizeof *made);
		if (!made)
			return -ENOMEM;
		made->frame = frame;
		*slot = (uint32_t)p->n_cells;
		l->n_cells++;
	}
	struct heap_figures *holds = &p->cells[*slot - 1].holds;
	holds->live = sum_of(holds->live, change->live);
	holds->spread = sum_of(holds->spread, change->spread);
	holds->blocks = sum_of(holds->blocks, change->blocks);
	return 0;
}

void heap_processes_free(struct heap_loading *l)
{
	for (size_t i = 0; i < l->n_processes; i++)
		heap_process_clear(l, &l->processes[i]);
	free(l->processes);
	*l = (struct heap_loading){ 0 };
}
