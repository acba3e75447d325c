/* The program or library that a piece of code belongs to, and memory straight from the kernel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct object {
	uintptr_t low, high; /* both 0: none */
	bool is_program;
};

void object_find(struct object *object, const void *code);

static inline bool object_holds(const struct object *object, const void *code)
{
	return (uintptr_t)code - object->low < object->high - object->low;
}

/* Without the functions of those names, before which we stand. */
void *object_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int object_munmap(void *at, size_t size);
void *object_memory(size_t size); /* zero; NULL: there is none */
