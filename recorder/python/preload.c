#include "recorder/python/preload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/beside.h"

static const char list[] = "LD_PRELOAD";

int preload_find(const char *name, char path[PATH_MAX])
{
	int r = beside_find(name, path);
	return r == 0 && strpbrk(path, " :") ? -EINVAL : r;
}

int preload_bring(struct preload *p, const char *library, const char *variable, const char *setting)
{
	const char *before = getenv(list);
	char *made;
	if (asprintf(&made, "%s%s%s", library, before ? ":" : "", before ? before : "") < 0)
		return -ENOMEM;
	bool done = setenv(list, made, 1) == 0 && setenv(variable, setting, 1) == 0;
	free(made);
	*p = (struct preload){ library, variable, true, false };
	return done ? 0 : -ENOMEM;
}

/* It stands behind what was brought later, or first. */
static void take_out(const char *library)
{
	const char *now = getenv(list);
	size_t length = strlen(library);
	const char *at = now ? strstr(now, library) : NULL;
	while (at && ((at > now && at[-1] != ':') || (at[length] && at[length] != ':')))
		at = strstr(at + 1, library);
	if (!at)
		return;
	char *rest;
	const char *behind = at + length + (at[length] == ':');
	if (asprintf(&rest, "%.*s%s", (int)(at - now), now, behind) < 0)
		return;
	if (*rest)
		setenv(list, rest, 1);
	else
		unsetenv(list);
	free(rest);
}

void preload_take_back(struct preload *p)
{
	if (!p->announced || p->taken_back)
		return;
	p->taken_back = true;
	take_out(p->library);
	unsetenv(p->variable);
}

void preload_free(struct preload *p)
{
	preload_take_back(p);
	*p = (struct preload){ 0 };
}
