#include "share/snapshot/stack.h"

#include <errno.h>
#include <stdlib.h>

void stack_free(struct stack *stack)
{
	free(stack->values);
	memo_free(&stack->memo);
	*stack = (struct stack){ 0 };
}

int stack_make_room(struct stack *stack)
{
	size_t room = stack->room ? stack->room * 2 : 1024;
	if (room > STACK_MOST)
		return -E2BIG;
	struct pickle_value *values = realloc(stack->values, room * sizeof *values);
	if (!values)
		return -ENOMEM;
	stack->values = values;
	stack->room = room;
	return 0;
}

int stack_mark(struct stack *stack)
{
	if (stack->n_marks == STACK_MARKS)
		return -E2BIG;
	stack->marks[stack->n_marks++] = (uint32_t)stack->n;
	return 0;
}

/* ---- the memo ---- */

static uint32_t cell_of(const struct pickle_value *value)
{
	bool kept = value->kind != PICKLE_OTHER && value->kind != PICKLE_NUMBER;
	if (!kept || value->number <= 0 || value->number >= PICKLE_NUMBERS)
		return 0;
	return ((uint32_t)value->number << STACK_ROLE_BITS | value->role) << STACK_KIND_BITS |
	       value->kind;
}

int stack_memoize(struct stack *stack, uint32_t number)
{
	struct pickle_value *top = &stack->values[stack->n - 1];
	int r = memo_put(&stack->memo, number, cell_of(top));
	if (r == 0 && (top->kind == PICKLE_DICT || top->kind == PICKLE_LIST))
		top->memo = number + 1;
	return r;
}

int stack_settle(struct stack *stack, const struct pickle_value *value)
{
	return value->memo ? memo_put(&stack->memo, value->memo - 1, cell_of(value)) : 0;
}

/* ---- where a value stands ---- */

/* The container around what stands above the last mark; NULL: there is none. */
static const struct pickle_value *around(const struct stack *stack)
{
	size_t base = stack_base(stack);
	return base > 0 ? &stack->values[base - 1] : NULL;
}

/* Above the mark of a dict stand keys and values by turns: the key whose value is next. */
static const struct pickle_value *open_key(const struct stack *stack)
{
	const struct pickle_value *dict = around(stack);
	size_t above = stack->n - stack_base(stack);
	bool open = dict && dict->kind == PICKLE_DICT && above % 2 == 1;
	return open && stack->values[stack->n - 1].kind == PICKLE_TEXT
		       ? &stack->values[stack->n - 1]
		       : NULL;
}

/* A dict of one item has no mark: the dict below the uppermost value, which is a key. */
static const struct pickle_value *lone_dict(const struct stack *stack)
{
	const struct pickle_value *dict = around(stack), *top = stack->values + stack->n;
	if (stack->n - stack_base(stack) < 2 || (dict && dict->kind == PICKLE_DICT))
		return NULL;
	return top[-1].kind == PICKLE_TEXT && top[-2].kind == PICKLE_DICT ? top - 2 : NULL;
}

static int role_in(enum pickle_kind kind, const struct pickle_value *container, int64_t key,
		   const struct pickle_use *use, void *context)
{
	if (!container)
		return 0;
	const struct pickle_place place = { .role = container->role, .key = key };
	return place.role ? use->role(context, kind, &place) : 0;
}

int stack_role(const struct stack *stack, enum pickle_kind kind, const struct pickle_use *use,
	       void *context)
{
	static const struct pickle_place top = { .top = true };
	if (stack->n == 0)
		return use->role(context, kind, &top);
	const struct pickle_value *last = &stack->values[stack->n - 1], *key = open_key(stack);
	if (key)
		return role_in(kind, around(stack), key->number, use, context);
	int role = 0;
	if (stack->n > stack_base(stack) && last->kind == PICKLE_LIST) /* of one item: no mark */
		role = role_in(kind, last, 0, use, context);
	const struct pickle_value *lone = lone_dict(stack), *list = around(stack);
	if (!role && lone)
		role = role_in(kind, lone, last->number, use, context);
	if (!role && list && list->kind == PICKLE_LIST)
		role = role_in(kind, list, 0, use, context);
	return role;
}

struct pickle_place stack_place_of_text(const struct stack *stack)
{
	const struct pickle_value *key = open_key(stack), *lone = lone_dict(stack);
	if (key)
		return (struct pickle_place){ .role = around(stack)->role, .key = key->number };
	if (lone)
		return (struct pickle_place){ .role = lone->role,
					      .key = stack->values[stack->n - 1].number };
	return (struct pickle_place){ .key = PICKLE_KEY };
}
