#include "recorder/heap/preload/environment.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_posix.h"
#include "recorder/heap/segment.h"
#include "recorder/python/given.h"

#define EXPORTED __attribute__((visibility("default")))

/* What is hidden, and how children get it: as the agent does it (python/agent/environment.c). A
 * program without a Python has the C environment only, which its children inherit. */
static struct given own;
static bool hidden;

extern char **environ;

static bool find_own(void)
{
	Dl_info info;
	const char *setting = getenv(HEAP_VARIABLE);
	if (own.setting)
		return true;
	if (!setting || dladdr((void *)(uintptr_t)environment_begin, &info) == 0)
		return false;
	/* Both stay where they are: what stands in the environment at the start is never freed. */
	own = (struct given){ info.dli_fname, setting - sizeof HEAP_VARIABLE };
	return true;
}

/* ---- a while without it ---- */

/* In place, as Python only copies it: nothing is allocated, and all stays in its order. `text` has
 * room for what is left of the list of libraries. */
static void take_out(char **list, char *text)
{
	size_t left = 0;
	for (size_t i = 0; list[i]; i++) {
		if (strncmp(list[i], HEAP_VARIABLE "=", sizeof HEAP_VARIABLE) == 0)
			continue;
		list[left] = list[i];
		if (strncmp(list[i], GIVEN_LIST "=", sizeof GIVEN_LIST) == 0) {
			memcpy(text, list[i], sizeof GIVEN_LIST);
			given_without(list[i] + sizeof GIVEN_LIST, own.library,
				      text + sizeof GIVEN_LIST);
			list[left] = text;
			left -= text[sizeof GIVEN_LIST] == '\0';
		}
		left++;
	}
	list[left] = NULL;
}

static int without_it(int (*copies)(void *), void *module)
{
	size_t n = 0;
	const char *libraries = given_value(environ, GIVEN_LIST);
	while (environ[n])
		n++;
	size_t list = (n + 1) * sizeof *environ;
	size_t room = list + sizeof GIVEN_LIST + (libraries ? strlen(libraries) : 0) + 1;
	char **saved = find_own() ? object_memory(room) : NULL, **place = environ;
	if (!saved)
		return copies(module);
	memcpy(saved, place, list);
	take_out(place, (char *)saved + list);
	int result = copies(module);
	memcpy(place, saved, list);
	object_munmap(saved, room);
	hidden = true;
	return result;
}

void environment_begin(void)
{
	if (environ && find_own())
		python_posix_begin(without_it);
}

/* ---- children that are given an environment ---- */

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

static size_t room_for(char *const list[])
{
	return hidden ? given_room(&own, list) : 0;
}

EXPORTED int execve(const char *path, char *const argv[], char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? given_complete(&own, list, alloca(room)) : list;
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
	char *const *given = room ? given_complete(&own, list, alloca(room)) : list;
	return next_spawn ? next_spawn(pid, path, actions, attributes, argv, given) : ENOSYS;
}

EXPORTED int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attributes, char *const argv[],
			  char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? given_complete(&own, list, alloca(room)) : list;
	return next_spawnp ? next_spawnp(pid, file, actions, attributes, argv, given) : ENOSYS;
}
