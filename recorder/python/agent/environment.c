#include "recorder/python/agent/environment.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/given.h"

/* What the program sees in os.environ is what it would see without us; what its children get is
 * what brought us here: in the C environment for those that inherit it, and put back by the calls
 * below for those that are given a copy of os.environ. A child with an empty environment gets none.
 */

static struct given own;  /* "MPROF_AGENT=…" is its setting */
static char *own_preload; /* "LD_PRELOAD=…", as we were started */
static bool hidden;

extern char **environ;

static char *joined(const char *name, const char *value)
{
	char *text = malloc(strlen(name) + strlen(value) + 2);
	if (text)
		sprintf(text, "%s=%s", name, value);
	return text;
}

void environment_hide(void)
{
	const char *list = getenv(GIVEN_LIST), *setting = getenv(AGENT_VARIABLE);
	char *rest = list ? malloc(strlen(list) + 1) : NULL;
	if (!rest || !setting) {
		free(rest);
		return;
	}
	own = (struct given){ agent_shared->agent, joined(AGENT_VARIABLE, setting) };
	own_preload = joined(GIVEN_LIST, list);
	given_without(list, own.library, rest);
	if (own.setting && own_preload) {
		if (*rest)
			setenv(GIVEN_LIST, rest, 1);
		else
			unsetenv(GIVEN_LIST);
		unsetenv(AGENT_VARIABLE);
		hidden = true;
	}
	free(rest);
}

void environment_restore(void)
{
	if (!hidden)
		return;
	setenv(AGENT_VARIABLE, own.setting + strlen(AGENT_VARIABLE) + 1, 1);
	setenv(GIVEN_LIST, own_preload + sizeof GIVEN_LIST, 1);
}

/* ---- children that are given an environment ---- */

/* Bytes for a list with ours in it, on the stack of whoever calls: after vfork nothing may be
 * allocated. 0: it is to stay as it is. */
static size_t room_for(char *const list[])
{
	return hidden ? given_room(&own, list) : 0;
}

static char **completed(char *const list[], void *room)
{
	return given_complete(&own, list, room);
}

/* The C library's, or that of a library behind ours. Looked up before any vfork. */
static int (*next_execve)(const char *, char *const[], char *const[]);
typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const[], char *const[]);
static spawn_function *next_spawn, *next_spawnp;

__attribute__((constructor)) static void look_up(void)
{
	*(void **)&next_execve = dlsym(RTLD_NEXT, "execve");
	*(void **)&next_spawn = dlsym(RTLD_NEXT, "posix_spawn");
	*(void **)&next_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
}

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int execve(const char *path, char *const argv[], char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? completed(list, alloca(room)) : list;
	return next_execve ? next_execve(path, argv, given)
			   : (int)syscall(SYS_execve, path, argv, given);
}

/* With an LD_PRELOAD of the program's own, if it has set one. */
EXPORTED int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORTED int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			 const posix_spawnattr_t *attributes, char *const argv[],
			 char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? completed(list, alloca(room)) : list;
	return next_spawn ? next_spawn(pid, path, actions, attributes, argv, given) : ENOSYS;
}

EXPORTED int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attributes, char *const argv[],
			  char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? completed(list, alloca(room)) : list;
	return next_spawnp ? next_spawnp(pid, file, actions, attributes, argv, given) : ENOSYS;
}
