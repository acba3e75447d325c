#include "recorder/where/waiter.h"

#include <string.h>

#include "share/growth/origin.h"

enum { ASKED = 12 }; /* threads, the main one among them, that may be the one that waits */

/* Its file is what share/growth knows it by. */
static char parting_file[] = "<thread>", parting_name[] = "a thread that it waits for";
static const struct code parting = { .file = parting_file, .name = parting_name, .first = 1 };

static bool is_users(const struct place *place)
{
	return origin_of(place->code->file) == ORIGIN_USERS;
}

static size_t first_of_users(const struct stack *stack)
{
	size_t i = 0;
	while (i < stack->n && !is_users(&stack->places[i]))
		i++;
	return i;
}

static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), k = strlen(end);
	return n >= k && strcmp(path + n - k, end) == 0;
}

/* Has it been begun by Python, from nothing? What C code calls in a thread of its own is another
 * thing. */
static bool is_begun(const struct stack *stack)
{
	return stack->n > 0 && !stack->cut &&
	       ends_with(stack->places[stack->n - 1].code->file, "/threading.py");
}

/* What hands work to threads, and waits for it. */
static bool is_pool(const struct code *code)
{
	static const char *const parts[] = { "/concurrent/futures/", "/multiprocessing/",
					     "/joblib/", "/dask/", "/distributed/" };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strstr(code->file, parts[i]))
			return true;
	return false;
}

/* What merely asks for another thread is not there to wait. */
static bool is_wait(const struct code *code)
{
	const char *name = code->name;
	if (ends_with(code->file, "/threading.py"))
		return strstr(name, "wait") || strstr(name, "join") || strstr(name, "acquire");
	return ends_with(code->file, "/queue.py") || ends_with(code->file, "/selectors.py");
}

/* How likely it is that the thread waits for others' work: its innermost calls are a library's,
 * below them stands a line of the user's. 0: it does not. */
static int waits(const struct stack *stack)
{
	size_t users = first_of_users(stack);
	int likely = 0;
	for (size_t i = 0; users < stack->n && i < users; i++) {
		const struct code *code = stack->places[i].code;
		int here = is_pool(code) ? 2 : is_wait(code) ? 1 : 0;
		likely = here > likely ? here : likely;
	}
	return likely;
}

static void keep(struct waiter *w, const struct stack *stack)
{
	size_t from = first_of_users(stack);
	w->n = stack->n - from;
	memcpy(w->places, &stack->places[from], w->n * sizeof *w->places);
}

/* The likeliest: of several the main thread, and none where it is not one of them. */
static void find(struct waiter *w, struct grower *g)
{
	uint64_t states[ASKED];
	struct stack stack;
	size_t n = runtime_threads(&g->runtime, states, ASKED);
	int most = 0;
	bool is_main = false;
	for (size_t i = n; i-- > 0;) {
		int likely = stack_read(&g->runtime, &g->codes, states[i], &stack) < 0
				     ? 0
				     : waits(&stack);
		if (likely == 0 || likely < most)
			continue;
		if (likely > most)
			keep(w, &stack);
		else if (!is_main)
			w->n = 0;
		is_main = likely > most ? i + 1 == n : is_main;
		most = likely > most ? likely : most;
		if (is_main && most == 2)
			return;
	}
}

void waiter_join(struct waiter *w, struct grower *g, pid_t thread, struct stack *stack)
{
	if (thread == g->pid || !is_begun(stack) || first_of_users(stack) < stack->n)
		return;
	if (!w->asked) {
		w->n = 0;
		find(w, g);
	}
	w->asked = true;
	size_t room = STACK_MOST - stack->n;
	if (w->n == 0 || room < 2)
		return;
	size_t n = w->n < room - 1 ? w->n : room - 1;
	stack->places[stack->n++] = (struct place){ &parting, 0 };
	memcpy(&stack->places[stack->n], w->places, n * sizeof *w->places);
	stack->n += n;
}
