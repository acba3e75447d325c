#include "share/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/array.h"
#include "share/fault.h"
#include "share/number.h"

bool catalog_is_recording(const char *name)
{
	static const char prefix[] = "mprofile_";
	enum { DIGITS = 14 };
	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return false;
	const char *stamp = name + sizeof prefix - 1;
	if (strspn(stamp, "0123456789") != DIGITS)
		return false;
	return strcmp(stamp + DIGITS, ".dat") == 0 || strcmp(stamp + DIGITS, ".dat.gz") == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int catalog_open(struct catalog *catalog)
{
	*catalog = (struct catalog){ 0 };
	DIR *folder = opendir(".");
	if (!folder)
		return -errno;
	int r = 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(folder));) {
		if (!catalog_is_recording(entry->d_name))
			continue;
		char *copy = strdup(entry->d_name);
		char **name = copy ? array_more(&catalog->names, &catalog->n, sizeof *name) : NULL;
		if (name)
			*name = copy;
		else
			free(copy);
		r = name ? 0 : -ENOMEM;
	}
	closedir(folder);
	if (r < 0)
		catalog_free(catalog);
	else if (catalog->n > 0)
		qsort(catalog->names, catalog->n, sizeof *catalog->names, by_name);
	return r;
}

void catalog_free(struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->n; i++)
		free(catalog->names[i]);
	free(catalog->names);
	*catalog = (struct catalog){ 0 };
}

int catalog_find(const struct catalog *catalog, const char *word, const char **path)
{
	long index;
	if (strcmp(word, "-") == 0 || access(word, F_OK) == 0) {
		*path = word;
		return 0;
	}
	int r = number_whole(word, &index);
	if (r < 0)
		return r == -ERANGE ? -ERANGE : -ENOENT;
	long n = (long)catalog->n;
	if (index < -n || index >= n)
		return -ERANGE;
	*path = catalog->names[index < 0 ? index + n : index];
	return 0;
}

static int say_missing(const struct catalog *catalog, const char *word, int error)
{
	if (error == -ENOENT)
		return fault(STATUS_FAULT,
			     "cannot find %s: neither a file nor the index of a recording here",
			     word);
	if (catalog->n == 0)
		return fault(STATUS_FAULT,
			     "there is no recording %s: there are none in this folder", word);
	return fault(STATUS_FAULT, "there is no recording %s: there %s %zu here, 0 to %zu", word,
		     catalog->n == 1 ? "is" : "are", catalog->n, catalog->n - 1);
}

int catalog_resolve(const struct catalog *catalog, char *const words[], size_t n,
		    const char **paths)
{
	if (n == 0 && catalog->n == 0)
		return fault(STATUS_FAULT, "no recordings in this folder; make one with: mprof-c "
					   "run PROGRAM, or name a file");
	if (n == 0)
		paths[0] = catalog->names[catalog->n - 1];
	for (size_t i = 0; i < n; i++) {
		int r = catalog_find(catalog, words[i], &paths[i]);
		if (r < 0)
			return say_missing(catalog, words[i], r);
	}
	return -1;
}
