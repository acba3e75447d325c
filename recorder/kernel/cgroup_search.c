#include "recorder/kernel/cgroup_search.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "recorder/kernel/cgroup.h"

enum { MOST_FOLDERS = 4096, DEEPEST = 32 };

struct search {
	struct cgroup *group;
	pid_t pid;
	int left; /* folders that may still be opened */
};

static bool lists(const char *folder, pid_t pid)
{
	char path[PATH_MAX + 16];
	int one;
	bool found = false;
	snprintf(path, sizeof path, "%s/cgroup.procs", folder);
	FILE *file = fopen(path, "re");
	while (file && !found && fscanf(file, "%d", &one) == 1)
		found = one == pid;
	if (file)
		fclose(file);
	return found;
}

/* The folder's name grows and shrinks in its place. */
static bool search_in(struct search *s, int depth)
{
	char *folder = s->group->folder;
	size_t n = strlen(folder);
	bool found = lists(folder, s->pid);
	DIR *entries = found || depth == DEEPEST || s->left-- <= 0 ? NULL : opendir(folder);
	for (struct dirent *entry; !found && entries && (entry = readdir(entries));) {
		bool is_group = entry->d_type == DT_DIR && entry->d_name[0] != '.';
		if (!is_group || n + 1 + strlen(entry->d_name) >= sizeof s->group->folder)
			continue;
		sprintf(folder + n, "/%s", entry->d_name);
		found = search_in(s, depth + 1);
		if (!found)
			folder[n] = '\0';
	}
	if (entries)
		closedir(entries);
	return found;
}

int cgroup_search(struct cgroup *group, pid_t pid)
{
	struct search search = { group, pid, MOST_FOLDERS };
	group->folder[group->mount] = '\0';
	return search_in(&search, 0) ? 0 : -ENOENT;
}
