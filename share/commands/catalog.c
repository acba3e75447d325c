#include "share/commands/catalog.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/array.h"
#include "share/default_name.h"
#include "share/fault.h"
#include "share/number.h"
#include "share/text.h"

bool catalog_is_recording(const char *name)
{
	return default_name_is(name);
}

/* By the moment at its start, whatever folder it lies in. */
static int by_name(const void *a, const void *b)
{
	const char *one = *(char *const *)a, *other = *(char *const *)b;
	int order = strcmp(text_base_name(one), text_base_name(other));
	return order ? order : strcmp(one, other);
}

static int add(struct catalog *catalog, const char *name)
{
	char *copy = strdup(name);
	char **place = copy ? array_more(&catalog->names, &catalog->n, sizeof *place) : NULL;
	if (!place) {
		free(copy);
		return -ENOMEM;
	}
	*place = copy;
	return 0;
}

/* Calls `each` for all that is in a folder, until it fails. 0 or -errno. */
static int each_entry(struct catalog *catalog, const char *path,
		      int (*each)(struct catalog *catalog, const char *path, const char *name))
{
	DIR *folder = opendir(path);
	int r = folder ? 0 : -errno;
	while (r == 0) {
		errno = 0;
		struct dirent *entry = readdir(folder);
		if (!entry) {
			r = -errno;
			break;
		}
		r = each(catalog, path, entry->d_name);
	}
	if (folder)
		closedir(folder);
	return r;
}

/* A job of many ranks has a folder for each node in its own: <job>/<node>/. What lies there counts
 * if its name says the same, so that nobody else's files do. */
static int add_filed(struct catalog *catalog, const char *path, const char *name)
{
	char job[NAME_MAX + 1], full[2 * NAME_MAX + PATH_MAX];
	const char *slash = strchr(path, '/');
	snprintf(job, sizeof job, "%.*s", (int)(slash - path), path);
	if (!default_name_belongs(name, job, slash + 1))
		return 0;
	snprintf(full, sizeof full, "%s/%s", path, name);
	return add(catalog, full);
}

/* What may not be looked into holds nothing for us. */
static int look_into_node(struct catalog *catalog, const char *job, const char *node)
{
	char path[2 * NAME_MAX + 2];
	if (*node == '.')
		return 0;
	snprintf(path, sizeof path, "%s/%s", job, node);
	int r = each_entry(catalog, path, add_filed);
	return r == -ENOMEM ? r : 0;
}

/* Schedulers' jobs are numbered. */
static int look_at(struct catalog *catalog, const char *path, const char *name)
{
	(void)path;
	if (catalog_is_recording(name))
		return add(catalog, name);
	if (!isdigit((unsigned char)*name))
		return 0;
	int r = each_entry(catalog, name, look_into_node);
	return r == -ENOMEM ? r : 0;
}

int catalog_open(struct catalog *catalog)
{
	*catalog = (struct catalog){ 0 };
	int r = each_entry(catalog, ".", look_at);
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

/* Is there anything of that name? A link that leads nowhere is still a thing that can be removed.
 */
static int look(const char *word)
{
	struct stat status;
	if (strcmp(word, "-") == 0 || lstat(word, &status) == 0)
		return 0;
	return errno == ENOTDIR || errno == ENAMETOOLONG ? -ENOENT : -errno;
}

/* The number that a word is, in the listing's own count; -EINVAL: it is no number. */
static int find_index(const struct catalog *catalog, const char *word, long *index)
{
	int r = number_whole(word, index);
	if (r < 0)
		return r;
	long n = (long)catalog->n;
	if (*index < -n || *index >= n)
		return -ERANGE;
	*index += *index < 0 ? n : 0;
	return 0;
}

int catalog_find(const struct catalog *catalog, const char *word, const char **path)
{
	long index;
	int file = look(word), r = find_index(catalog, word, &index);
	if (file == 0) {
		*path = word;
		return r == 0 ? -ENOTUNIQ : 0;
	}
	if (file != -ENOENT)
		return file;
	if (r < 0)
		return r == -ERANGE ? -ERANGE : -ENOENT;
	*path = catalog->names[index];
	return 0;
}

/* "0-2", "-3--1": two numbers with a dash between. */
static bool split_range(const char *word, char first[24], const char **last)
{
	const char *dash = *word ? strchr(word + 1, '-') : NULL;
	long number;
	size_t n = dash ? (size_t)(dash - word) : 24;
	if (n >= 24)
		return false;
	memcpy(first, word, n);
	first[n] = '\0';
	*last = dash + 1;
	return number_whole(first, &number) != -EINVAL && number_whole(*last, &number) != -EINVAL;
}

int catalog_find_range(const struct catalog *catalog, const char *word, long *first, long *last)
{
	char from[24];
	const char *to;
	if (!split_range(word, from, &to))
		return -EINVAL;
	int r = find_index(catalog, from, first);
	return r < 0 ? r : find_index(catalog, to, last);
}

static int say_unusable(const struct catalog *catalog, const char *word, int error)
{
	if (error == -ENOTUNIQ)
		return fault(STATUS_USAGE,
			     "%s is both a file here and an index: write ./%s for the file, or the "
			     "recording's own name",
			     word, word);
	if (error == -ENOENT)
		return fault(STATUS_FAULT,
			     "cannot find %s: neither a file nor the index of a recording here",
			     *word ? word : "''");
	if (error != -ERANGE)
		return fault(STATUS_FAULT, "cannot find %s: %s", word, strerror(-error));
	if (catalog->n == 0)
		return fault(STATUS_FAULT,
			     "there is no recording %s: there are none in this folder", word);
	if (catalog->n == 1)
		return fault(STATUS_FAULT, "there is no recording %s: there is 1 recording here, 0",
			     word);
	return fault(STATUS_FAULT,
		     "there is no recording %s: there are %zu recordings here, 0 to %zu", word,
		     catalog->n, catalog->n - 1);
}

/* Words that can only be files are served in a folder that may not be listed. */
static bool needs_listing(char *const words[], size_t n)
{
	long index;
	char first[24];
	const char *last;
	for (size_t i = 0; i < n; i++)
		if (number_whole(words[i], &index) != -EINVAL ||
		    split_range(words[i], first, &last))
			return true;
	return n == 0;
}

static int add_path(struct selection *s, const char *path)
{
	const char **place = array_more(&s->paths, &s->n, sizeof *place);
	if (!place)
		return fault(STATUS_FAULT, "out of memory");
	*place = path;
	return -1;
}

/* What stands in the listing, and is meant by its place there only. A pipe of such a name, in a
 * folder that others may write to, would be waited for. */
static int add_listed(struct selection *s, long index)
{
	const char *name = s->catalog.names[index];
	struct stat status;
	if (stat(name, &status) < 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
		return add_path(s, name);
	return fault(STATUS_FAULT, "%s is a pipe or a device, not a file; give its name to mean it",
		     name);
}

/* The newest that is a file. */
static int add_newest(struct selection *s)
{
	struct stat status;
	size_t i = s->catalog.n;
	while (--i > 0 && stat(s->catalog.names[i], &status) == 0 && !S_ISREG(status.st_mode))
		continue;
	return add_listed(s, (long)i);
}

static int add_range(struct selection *s, const char *word, long first, long last)
{
	int status = -1;
	if (first > last)
		return fault(STATUS_USAGE,
			     "%s runs backwards: recording %ld comes before %ld in mprof-c list",
			     word, last, first);
	for (long i = first; i <= last && status == -1; i++)
		status = add_listed(s, i);
	return status;
}

static int add_word(struct selection *s, const char *word)
{
	long first, last;
	const char *path;
	int r = catalog_find(&s->catalog, word, &path);
	int range = catalog_find_range(&s->catalog, word, &first, &last);
	if (r == 0 && range == 0)
		r = -ENOTUNIQ;
	else if (r == -ENOENT && range == 0)
		return add_range(s, word, first, last);
	else if (r == -ENOENT && range == -ERANGE)
		r = range;
	if (r < 0)
		return say_unusable(&s->catalog, word, r);
	return find_index(&s->catalog, word, &first) == 0 ? add_listed(s, first)
							  : add_path(s, path);
}

int selection_make(struct selection *s, char *const words[], size_t n)
{
	*s = (struct selection){ 0 };
	int status = -1, r = needs_listing(words, n) ? catalog_open(&s->catalog) : 0;
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r));
	if (n == 0 && s->catalog.n == 0)
		return fault(STATUS_FAULT, "no recordings in this folder; make one with: mprof-c "
					   "run PROGRAM, or name a file");
	if (n == 0)
		return add_newest(s);
	for (size_t i = 0; i < n && status == -1; i++)
		status = add_word(s, words[i]);
	return status;
}

void selection_free(struct selection *s)
{
	free(s->paths);
	catalog_free(&s->catalog);
	*s = (struct selection){ 0 };
}
