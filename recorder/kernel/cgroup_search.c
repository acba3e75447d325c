#include "recorder/kernel/cgroup_search.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "recorder/kernel/cgroup.h"

enum { MOST_FOLDERS = 4096, DEEPEST = 32 };

struct search {
	struct cgroup *group;
	cgroup_visit *visit;
	void *context;
	int left; /* folders that may still be opened */
};

static bool visit_here(const struct search *s)
{
	char path[PATH_MAX + 16];
	int one;
	bool enough = false;
	snprintf(path, sizeof path, "%s/cgroup.procs", s->group->folder);
	FILE *file = fopen(path, "re");
	while (file && !enough && fscanf(file, "%d", &one) == 1)
		enough = s->visit(s->context, one);
	if (file)
		fclose(file);
	return enough;
}

/* The folder's name grows and shrinks in its place; it stays where it was enough. */
static bool search_in(struct search *s, int depth)
{
	char *folder = s->group->folder;
	size_t n = strlen(folder);
	bool enough = visit_here(s);
	DIR *entries = enough || depth == DEEPEST || s->left-- <= 0 ? NULL : opendir(folder);
	for (struct dirent *entry; !enough && entries && (entry = readdir(entries));) {
		bool is_group = entry->d_type == DT_DIR && entry->d_name[0] != '.';
		if (!is_group || n + 1 + strlen(entry->d_name) >= sizeof s->group->folder)
			continue;
		sprintf(folder + n, "/%s", entry->d_name);
		enough = search_in(s, depth + 1);
		if (!enough)
			folder[n] = '\0';
	}
	if (entries)
		closedir(entries);
	return enough;
}

void cgroup_each(const struct cgroup *group, cgroup_visit *visit, void *context)
{
	struct cgroup place = *group;
	struct search search = { &place, visit, context, MOST_FOLDERS };
	search_in(&search, 0);
}

static bool is_it(void *context, pid_t pid)
{
	return pid == *(pid_t *)context;
}

int cgroup_search(struct cgroup *group, pid_t pid)
{
	struct search search = { group, is_it, &pid, MOST_FOLDERS };
	group->folder[group->mount] = '\0';
	return search_in(&search, 0) ? 0 : -ENOENT;
}
