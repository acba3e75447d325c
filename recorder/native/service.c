#include "recorder/native/service.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "recorder/native/advice.h"
#include "recorder/native/guard.h"
#include "recorder/native/naming.h"
#include "recorder/native/opening.h"
#include "recorder/native/perf_map.h"
#include "recorder/native/unwind.h"

enum {
	MOST_MEMORY = 384 << 20,
	COUNTED = 256, /* questions, until that is looked at */
	ENOUGH = 20, /* answers that tell no line, for want of one binary's, until we say so … */
	SHARE = 5,   /* … if they are one in so many */
};

void service_open(struct service *s, service_send *send, void *context)
{
	*s = (struct service){ .modules.age = 1, .send = send, .context = context };
}

static void let_go(struct service *s)
{
	processes_let_go(&s->processes);
	modules_free(&s->modules);
	s->modules.age++;
}

void service_close(struct service *s)
{
	processes_free(&s->processes);
	modules_free(&s->modules);
	frames_free(&s->frames);
}

/* ---- one question ---- */

/* What is under way is told here, for whoever takes over when it crashes. */
struct work {
	struct service *service;
	const struct native_question *question;
	struct thread_state thread;
	struct module *volatile touched;
	struct module *lacking; /* has no lines, and would have told whose code it was; NULL */
	bool lined;             /* some line is known */
	volatile uint32_t n;
	bool python, over;
	uint32_t numbers[NATIVE_FRAMES];
	const struct module *nameless[NATIVE_FRAMES]; /* whose it is, where it has no name; NULL */
};

static void add_number(struct work *w, uint32_t number, const struct module *nameless)
{
	if (number == UINT32_MAX || w->n == NATIVE_FRAMES)
		return;
	w->nameless[w->n] = nameless;
	w->numbers[w->n++] = number;
}

/* Of an interpreter that was stripped, offsets say nothing, since Python says where we are. */
static void drop_nameless(struct work *w, const struct module *m)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->nameless[i] != m)
			w->numbers[n++] = w->numbers[i];
	w->n = (uint32_t)n;
}

static struct module *module_of(struct work *w, struct mapping *m)
{
	struct service *s = w->service;
	if (m->age == s->modules.age)
		return m->module;
	m->age = s->modules.age;
	if (*m->path != '/' || strncmp(m->path, "//anon", 6) == 0)
		return NULL;
	int fd = opening_mapped(w->question->head.pid, m->start, m->end, m->path);
	if (fd >= 0)
		m->module = modules_take(&s->modules, fd, m->path);
	return m->module;
}

/* `own` is where it is in its own terms; its caller's place is before where the call returns to. */
static void name_in_module(struct work *w, struct module *m, uint64_t own)
{
	const struct named *named = naming_at(m, own - w->thread.called, &w->service->frames);
	if (!named)
		return;
	if (named->mark & NAMED_EVAL) {
		w->python = w->over = true;
		drop_nameless(w, m);
		return;
	}
	if ((named->mark & NAMED_START) && w->n > 0) {
		w->over = true;
		return;
	}
	for (size_t i = 0; i < named->n; i++)
		add_number(w, m->numbers[named->first + i],
			   named->mark & NAMED_NAMELESS ? m : NULL);
	bool bare = named->mark & (NAMED_NAMELESS | NAMED_LINELESS);
	w->lined |= !bare;
	if (bare && !m->dull && (!w->lacking || advice_is_installed(w->lacking->path)))
		w->lacking = m;
	w->over = (named->mark & NAMED_MAIN) != 0;
}

static void name_made(struct work *w, struct process *p)
{
	if (!p->names && !(p->names = perf_map_new()))
		return;
	uint64_t at = w->thread.registers[FAULT_PC] - w->thread.called;
	const char *name = perf_map_name(p->names, at);
	if (!name) {
		perf_map_read(p->names, p->pid);
		name = perf_map_name(p->names, at);
	}
	if (name)
		add_number(w, naming_made(&w->service->frames, name), NULL);
}

/* Names where it stands: *own, in the terms of the module. NULL: it is in none. */
static struct module *name_place(struct work *w, struct process *p, uint64_t *own)
{
	uint64_t pc = w->thread.registers[FAULT_PC];
	struct mapping *map = process_mapping(p, pc - w->thread.called);
	struct module *m = map ? module_of(w, map) : NULL;
	if (!m || !module_address(m, pc - w->thread.called - map->start, map->offset, own)) {
		name_made(w, p);
		return NULL;
	}
	w->touched = m;
	if (!m->has_names && !m->broken)
		module_read_names(m, p->pid);
	*own += w->thread.called;
	name_in_module(w, m, *own);
	return m;
}

/* The same, and says how to go on. */
static const struct row *look_at(struct work *w, struct process *p)
{
	uint64_t own;
	struct module *m = name_place(w, p, &own);
	return !m || m->broken ? NULL : rules_at(&m->rules, own - w->thread.called);
}

static void work(void *context)
{
	struct work *w = context;
	struct process *p = processes_find(&w->service->processes, w->question->head.pid);
	for (size_t depth = 0; p && !w->over && depth < NATIVE_FRAMES; depth++) {
		const struct row *row = look_at(w, p);
		if (w->over || !unwind_step(&w->thread, row))
			break;
	}
}

static void work_one(void *context)
{
	struct work *w = context;
	struct process *p = processes_find(&w->service->processes, w->question->head.pid);
	uint64_t own;
	if (p)
		name_place(w, p, &own);
}

/* ---- what is said ---- */

static void tell_frames(struct service *s)
{
	_Alignas(struct native_new_frame) char message[NATIVE_MESSAGE];
	struct native_new_frame *is = (struct native_new_frame *)message;
	for (; s->frames.told < s->frames.n; s->frames.told++) {
		const struct frame_text *frame = &s->frames.items[s->frames.told];
		size_t path = strlen(frame->path) + 1, function = strlen(frame->function) + 1;
		*is = (struct native_new_frame){ .head.word = NATIVE_FRAME,
						 .number = (uint32_t)s->frames.told,
						 .line = frame->line };
		memcpy(is->texts, frame->path, path);
		memcpy(is->texts + path, frame->function, function);
		s->send(s->context, message, sizeof *is + path + function);
	}
}

static void tell_answer(struct service *s, const struct work *w)
{
	_Alignas(struct native_reply) char
		message[sizeof(struct native_reply) + NATIVE_FRAMES * sizeof(uint32_t)];
	struct native_reply *is = (struct native_reply *)message;
	*is = (struct native_reply){ .head = { NATIVE_ANSWER, w->question->head.pid },
				     .ticket = w->question->ticket,
				     .n = w->n,
				     .python = w->python };
	memcpy(is->frames, w->numbers, is->n * sizeof *w->numbers);
	s->send(s->context, message, sizeof *is + is->n * sizeof *w->numbers);
}

static void tell_hint(struct service *s, struct module *m)
{
	_Alignas(struct native_advice) char message[sizeof(struct native_advice) + 2 * NATIVE_TEXT];
	struct native_advice *is = (struct native_advice *)message;
	*is = (struct native_advice){ .head.word = NATIVE_HINT };
	int n = snprintf(is->texts, NATIVE_TEXT, "%s", m->path);
	if (n >= NATIVE_TEXT)
		return;
	advice_write(is->texts + n + 1, NATIVE_TEXT, m->path);
	s->send(s->context, message, sizeof *is + (size_t)n + 2 + strlen(is->texts + n + 1));
}

static void heed(struct service *s, struct module *lacking)
{
	if (!lacking || lacking->units.n > 0 || lacking->advised || ++lacking->unnamed < ENOUGH ||
	    lacking->unnamed < s->questions / SHARE)
		return;
	lacking->advised = true;
	tell_hint(s, lacking);
}

/* ---- the messages ---- */

static void answer(struct service *s, struct work *w, void (*how)(void *))
{
	if (!guard_run(how, w) && w->touched)
		w->touched->broken = true;
	tell_frames(s);
	tell_answer(s, w);
	if (!w->lined && !w->python)
		heed(s, w->lacking);
	if (++s->questions % COUNTED == 0 && mallinfo2().uordblks > MOST_MEMORY) /* which is dear */
		let_go(s);
}

static void take_question(struct service *s, const struct native_question *is, size_t n)
{
	static struct work w;
	if (n < sizeof *is || is->n_stack > n - sizeof *is)
		return;
	w = (struct work){ .service = s, .question = is };
	memcpy(w.thread.registers, is->registers, sizeof is->registers);
	w.thread.stack = is->stack;
	w.thread.bottom = is->registers[FAULT_SP];
	w.thread.n_stack = is->n_stack;
	answer(s, &w, work);
}

/* What is known of the process may be of another that had its number, or had not yet mapped that.
 */
static void learn_map(struct processes *all, const struct native_place *is)
{
	struct process *p = processes_find(all, is->head.pid);
	const struct mapping *map = p ? process_mapping(p, is->address - 1) : NULL;
	if (!map || strcmp(map->path, is->path) != 0 ||
	    map->start - map->offset != is->start - is->offset)
		processes_mapped(all, is->head.pid, is->start, is->length, is->offset, is->path);
}

static void take_place(struct service *s, const struct native_place *is, size_t n)
{
	static struct work w;
	if (n <= sizeof *is || ((const char *)is)[n - 1] != '\0' || is->address == 0)
		return;
	const struct native_question question = { .head = is->head, .ticket = is->ticket };
	learn_map(&s->processes, is);
	w = (struct work){ .service = s, .question = &question };
	w.thread.registers[FAULT_PC] = is->address;
	w.thread.called = 1;
	answer(s, &w, work_one);
}

static void take_map(struct service *s, const struct native_map *is, size_t n)
{
	if (n > sizeof *is && ((const char *)is)[n - 1] == '\0')
		processes_mapped(&s->processes, is->head.pid, is->start, is->length, is->offset,
				 is->path);
}

void service_take(struct service *s, const void *message, size_t n)
{
	const struct native_head *head = message;
	const struct native_fork *fork = message;
	if (n < sizeof *head)
		return;
	if (head->word == NATIVE_FORK && n >= sizeof *fork)
		processes_forked(&s->processes, head->pid, fork->parent);
	else if (head->word == NATIVE_EXEC)
		processes_executed(&s->processes, head->pid);
	else if (head->word == NATIVE_MAP)
		take_map(s, message, n);
	else if (head->word == NATIVE_LOST)
		processes_doubt(&s->processes);
	else if (head->word == NATIVE_ASK)
		take_question(s, message, n);
	else if (head->word == NATIVE_NAME)
		take_place(s, message, n);
}
