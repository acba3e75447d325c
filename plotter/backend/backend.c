#include "plotter/backend/backend.h"

#include <string.h>
#include <strings.h>

extern const struct backend backend_csv, backend_gnuplot, backend_json, backend_png, backend_svg,
	backend_term;

const struct backend *const backends[] = {

	&backend_png,  &backend_svg, &backend_gnuplot, &backend_term, &backend_csv,
	&backend_json, NULL,
};

const struct backend *backend_by_name(const char *name)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (strcmp((*b)->name, name) == 0)
			return *b;
	return NULL;
}

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

const char *backend_extension(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
	return dot ? dot + 1 : "";
}

const struct backend *backend_by_extension(const char *path)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (backend_writes(*b, backend_extension(path)))
			return *b;
	return NULL;
}
