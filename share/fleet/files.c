#include "share/fleet/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/array.h"
#include "share/text.h"

enum { DEEPEST = 8 };

static int add(struct files *files, const char *path)
{
	char *copy = strdup(path);
	char **place = copy ? array_more(&files->paths, &files->n, sizeof *place) : NULL;
	if (!place) {
		free(copy);
		return -ENOMEM;
	}
	*place = copy;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, which is closed again before any of them is looked at: however deep it
 * goes, no more than one is open. */
static int list(struct files *names, const char *folder)
{
	DIR *open = opendir(folder);
	int r = open ? 0 : -errno;
	while (r == 0) {
		errno = 0;
		const struct dirent *entry = readdir(open);
		if (!entry) {
			r = -errno;
			break;
		}
		char *path;
		if (entry->d_name[0] == '.')
			continue;
		const char *slash = text_ends_in(folder, "/") ? "" : "/";
		if (asprintf(&path, "%s%s%s", folder, slash, entry->d_name) < 0) {
			r = -ENOMEM;
		} else {
			r = add(names, path);
			free(path);
		}
	}
	if (open)
		closedir(open);
	if (names->n > 0)
		qsort(names->paths, names->n, sizeof *names->paths, by_name);
	return r;
}

static bool is_named(const char *path)
{
	return text_ends_in(path, ".dat") || text_ends_in(path, ".dat.gz");
}

static int note_unlisted(struct files *files, const char *folder, int why)
{
	if (files->unlisted)
		return 0;
	files->unlisted = strdup(folder);
	files->why = why;
	return files->unlisted ? 0 : -ENOMEM;
}

/* A folder inside that may not be listed is noted, and a link to a folder passed over: it may lead
 * back here. */
static int add_folder(struct files *files, const char *folder, int deep)
{
	struct files names = { 0 };
	int r = list(&names, folder);
	if (deep > 0 && r < 0 && r != -ENOMEM)
		r = note_unlisted(files, folder, r);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		struct stat status;
		const char *path = names.paths[i];
		if (lstat(path, &status) < 0)
			continue;
		if (S_ISDIR(status.st_mode) && deep < DEEPEST)
			r = add_folder(files, path, deep + 1);
		else if (is_named(path) && stat(path, &status) == 0 && S_ISREG(status.st_mode))
			r = add(files, path);
	}
	files_free(&names);
	return r;
}

int files_add(struct files *files, const char *path)
{
	struct stat status;
	bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	files->named = !folder;
	return folder ? add_folder(files, path, 0) : add(files, path);
}

void files_free(struct files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->paths[i]);
	free(files->paths);
	free(files->unlisted);
	*files = (struct files){ 0 };
}
