#include "recorder/kernel/cgroup_named.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"

enum { MOST_FOLDERS = 4096, DEEPEST = 32 };

static bool is_group(const char *folder)
{
	char path[PATH_MAX + 16];
	snprintf(path, sizeof path, "%s/cgroup.procs", folder);
	return access(path, F_OK) == 0;
}

/* The folder is set to `path` behind its first `n` bytes. */
static bool try_path(struct cgroup *group, size_t n, const char *path)
{
	size_t length = strlen(path);
	while (length > 0 && path[length - 1] == '/')
		length--;
	if (n + length >= sizeof group->folder)
		return false;
	memcpy(group->folder + n, path, length);
	group->folder[n + length] = '\0';
	return is_group(group->folder);
}

/* Below that mount, without links. */
static bool is_below(const struct cgroup *mount, const char *folder)
{
	return strncmp(folder, mount->folder, mount->mount) == 0 &&
	       (folder[mount->mount] == '/' || folder[mount->mount] == '\0');
}

static bool by_path(struct cgroup *group, const char *word)
{
	char folder[PATH_MAX];
	size_t mount = group->mount;
	if (*word == '/' && realpath(word, folder) && is_below(group, folder))
		return try_path(group, 0, folder);
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "/%s", word + strspn(word, "/"));
	bool climbs = strstr(path, "/../") || (n > 3 && strcmp(path + n - 3, "/..") == 0);
	return n > 1 && n < (int)sizeof path && !climbs && try_path(group, mount, path);
}

/* ---- by the last part ---- */

struct search {
	const char *word;
	struct cgroup *place, found;
	size_t n;
	int left;
};

static void search_in(struct search *s, int depth)
{
	char *folder = s->place->folder;
	size_t n = strlen(folder);
	DIR *entries = depth == DEEPEST || s->left-- <= 0 ? NULL : opendir(folder);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    n + 1 + strlen(entry->d_name) >= sizeof s->place->folder)
			continue;
		sprintf(folder + n, "/%s", entry->d_name);
		if (strcmp(entry->d_name, s->word) == 0 && is_group(folder)) {
			s->found = *s->place;
			s->n++;
		}
		search_in(s, depth + 1);
		folder[n] = '\0';
	}
	if (entries)
		closedir(entries);
}

static int by_name(struct cgroup *group, const char *word)
{
	struct search search = { .word = word, .place = group, .left = MOST_FOLDERS };
	search_in(&search, 0);
	if (search.n == 1)
		*group = search.found;
	return search.n == 1 ? 0 : search.n > 1 ? -EEXIST : -ENOENT;
}

int cgroup_named(struct cgroup *group, const char *word)
{
	int r = -ENOENT;
	for (int unified = 0; unified <= 1; unified++)
		for (size_t i = 0; cgroup_mount(group, unified, i) == 0; i++)
			if (by_path(group, word))
				return 0;
	if (strchr(word, '/') || !*word)
		return -ENOENT;
	for (int unified = 0; r == -ENOENT && unified <= 1; unified++)
		if (cgroup_mount(group, unified, 0) == 0)
			r = by_name(group, word);
	return r;
}
