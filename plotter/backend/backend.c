#include "plotter/backend/backend.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BACKEND_ADDRESS(name) &backend_##name,
const struct backend *const backends[] = { BACKENDS(BACKEND_ADDRESS) NULL };

const struct backend *backend_by_name(const char *name)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (strcmp((*b)->name, name) == 0)
			return *b;
	return NULL;
}

const struct backend *backend_usual(enum backend_place place)
{
	for (const struct backend *const *b = backends; *b; b++)
		if ((*b)->usual & place)
			return *b;
	return NULL;
}

/* ---- extensions ---- */

bool backend_writes(const struct backend *backend, const char *extension)
{
	size_t n = strlen(extension);
	for (const char *at = backend->extensions; n > 0 && *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		if (length == n && strncasecmp(at, extension, n) == 0)
			return true;
		at += length;
	}
	return false;
}

static bool is_written(const char *extension)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (backend_writes(*b, extension))
			return true;
	return false;
}

const char *backend_extension(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strchr(slash ? slash : path, '.');
	for (const char *next; dot && (next = strchr(dot + 1, '.')) && !is_written(dot + 1);)
		dot = next;
	return dot ? dot + 1 : "";
}

const struct backend *backend_by_extension(const char *path)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (backend_writes(*b, backend_extension(path)))
			return *b;
	return NULL;
}

/* ---- lists for sentences ---- */

/* One word is held back: what stands before it tells whether it is the last. */
struct list {
	FILE *out;
	const char *prefix, *held;
	size_t size, n; /* bytes of the held word; words written */
};

static void put_held(struct list *list, const char *separator)
{
	if (list->held)
		fprintf(list->out, "%s%s%.*s", list->n++ ? separator : "", list->prefix,
			(int)list->size, list->held);
}

static void add_word(struct list *list, const char *word, size_t size)
{
	put_held(list, ", ");
	list->held = word;
	list->size = size;
}

static void add_name(struct list *list, const struct backend *backend)
{
	add_word(list, backend->name, strlen(backend->name));
}

static void add_own(struct list *list, const struct backend *backend)
{
	if (backend->draw && !backend->prepare)
		add_name(list, backend);
}

/* Those that are written by this backend and by none before it. */
static void add_extensions(struct list *list, const struct backend *backend)
{
	char word[32];
	for (const char *at = backend->extensions; *at; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		snprintf(word, sizeof word, ".%.*s", (int)size, at);
		if (backend_by_extension(word) == backend)
			add_word(list, at, size);
		at += size;
	}
}

static void add_export(struct list *list, const struct backend *backend)
{
	if (backend->export)
		add_extensions(list, backend);
}

static char *list_of(void (*add)(struct list *list, const struct backend *backend),
		     const char *prefix)
{
	char *text = NULL;
	size_t size;
	struct list list = { .out = open_memstream(&text, &size), .prefix = prefix };
	if (!list.out)
		return NULL;
	for (const struct backend *const *b = backends; *b; b++)
		add(&list, *b);
	put_held(&list, " or ");
	if (fclose(list.out) == 0)
		return text;
	free(text);
	return NULL;
}

char *backend_list_names(const char *prefix)
{
	return list_of(add_name, prefix);
}

char *backend_list_own(const char *prefix)
{
	return list_of(add_own, prefix);
}

char *backend_list_extensions(const char *prefix)
{
	return list_of(add_extensions, prefix);
}

char *backend_list_exports(const char *prefix)
{
	return list_of(add_export, prefix);
}
