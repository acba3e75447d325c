#include "recorder/python/told.h"

#include <stdio.h>
#include <string.h>

#include "share/growth/origin.h"

enum {
	MOST = 60000,         /* then numbers begin anew */
	MOST_BYTES = 4 << 20, /* likewise; a stack has 2 MiB of names at most */
	LONGEST_KEY = 9000,
	OF_CUT = 48, /* frames that are kept of a stack whose outer end was not reached: the same
			recursion is the same stack then, however deep */
};

static uint64_t tell_path(struct told *told, struct profile_writer *w, const char *path)
{
	size_t known = told->paths.n;
	long at = names_find(&told->paths, path, MOST);
	if (at < 0)
		return 0;
	if (told->paths.n > known)
		profile_put(w, &(struct profile_record){ .kind = PROFILE_PATH,
							 .number = (uint64_t)at + 1,
							 .text = path });
	return (uint64_t)at + 1;
}

uint64_t told_frame(struct told *told, struct profile_writer *w, uint64_t caller, const char *file,
		    int line, const char *function)
{
	char key[LONGEST_KEY];
	uint64_t path = tell_path(told, w, file);
	size_t known = told->frames.n;
	snprintf(key, sizeof key, "%llu %llu %d %s", (unsigned long long)caller,
		 (unsigned long long)path, line, function);
	long at = path ? names_find(&told->frames, key, MOST + STACK_MOST) : -1;
	if (at < 0)
		return caller;
	uint64_t number = (uint64_t)at + 1;
	if (told->frames.n > known)
		profile_put(w, &(struct profile_record){ .kind = PROFILE_FRAME,
							 .number = number,
							 .caller = caller,
							 .path = path,
							 .place.line = line,
							 .function = function });
	return number;
}

static uint64_t tell_place(struct told *told, struct profile_writer *w, uint64_t caller,
			   const struct place *place)
{
	return told_frame(told, w, caller, place->code->file, place->line, place->code->name);
}

/* What was made by exec is the user's only as the beginning of all, as `python -c` has it; else the
 * caller is. */
static bool is_users(const struct stack *stack, size_t i)
{
	enum origin origin = origin_of(stack->places[i].code->file);
	return origin == ORIGIN_USERS || (origin == ORIGIN_MADE && i + 1 == stack->n);
}

/* Where nothing is the user's, the outermost stands for that. */
static uint64_t tell_short(struct told *told, struct profile_writer *w, const struct stack *stack)
{
	size_t users = 0;
	while (users + 1 < stack->n && !is_users(stack, users))
		users++;
	uint64_t number = tell_place(told, w, 0, &stack->places[users]);
	for (size_t i = users; i-- > 1;) /* it waits for what the innermost does */
		if (strcmp(stack->places[i].code->file, "<thread>") == 0)
			number = tell_place(told, w, number, &stack->places[i]);
	return users > 0 ? tell_place(told, w, number, &stack->places[0]) : number;
}

void told_make_room(struct told *told)
{
	if (told->frames.n >= MOST || told->paths.n >= MOST - STACK_MOST ||
	    told->frames.bytes >= MOST_BYTES || told->paths.bytes >= MOST_BYTES) {
		told_free(told);
		told->round++;
	}
}

uint64_t told_stack(struct told *told, struct profile_writer *w, const struct stack *stack,
		    bool is_short)
{
	told_make_room(told);
	if (stack->n == 0)
		return 0;
	if (is_short)
		return tell_short(told, w, stack);
	uint64_t number = 0;
	size_t n = stack->cut && stack->n > OF_CUT ? OF_CUT : stack->n;
	while (n-- > 0)
		number = tell_place(told, w, number, &stack->places[n]);
	return number;
}

void told_free(struct told *told)
{
	names_free(&told->paths);
	names_free(&told->frames);
}
