#include "recorder/python/given_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

const struct given *given_hidden;

extern char **environ;

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

/* Bytes for a list with ours in it, on the stack of whoever calls: after vfork nothing may be
 * allocated. 0: it is to stay as it is. */
static size_t room_for(char *const list[])
{
	return given_hidden ? given_room(given_hidden, list) : 0;
}

EXPORTED int execve(const char *path, char *const argv[], char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? given_complete(given_hidden, list, alloca(room)) : list;
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
	char *const *given = room ? given_complete(given_hidden, list, alloca(room)) : list;
	return next_spawn ? next_spawn(pid, path, actions, attributes, argv, given) : ENOSYS;
}

EXPORTED int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attributes, char *const argv[],
			  char *const list[])
{
	size_t room = room_for(list);
	char *const *given = room ? given_complete(given_hidden, list, alloca(room)) : list;
	return next_spawnp ? next_spawnp(pid, file, actions, attributes, argv, given) : ENOSYS;
}
