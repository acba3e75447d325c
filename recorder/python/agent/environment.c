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

/* What the program sees in os.environ is what it would see without us; what its children get is
 * what brought us here: in the C environment for those that inherit it, and put back by the calls
 * below for those that are given a copy of os.environ. A child with an empty environment gets none.
 */

static const char preload[] = "LD_PRELOAD";
static char *own_setting; /* "MPROF_AGENT=…" */
static char *own_preload; /* "LD_PRELOAD=…", as we were started */
static bool hidden;

extern char **environ;

/* The list without our library; "" when nothing is left. */
static void without_agent(const char *list, char *out)
{
	size_t length = strlen(agent_shared->agent), n = 0;
	while (*list) {
		size_t word = strcspn(list, ": ");
		if (word != length || strncmp(list, agent_shared->agent, length) != 0) {
			if (n > 0)
				out[n++] = ':';
			memcpy(out + n, list, word);
			n += word;
		}
		list += word + (list[word] != '\0');
	}
	out[n] = '\0';
}

static char *joined(const char *name, const char *value)
{
	char *text = malloc(strlen(name) + strlen(value) + 2);
	if (text)
		sprintf(text, "%s=%s", name, value);
	return text;
}

void environment_hide(void)
{
	const char *list = getenv(preload), *setting = getenv(AGENT_VARIABLE);
	char *rest = list ? malloc(strlen(list) + 1) : NULL;
	if (!rest || !setting) {
		free(rest);
		return;
	}
	own_setting = joined(AGENT_VARIABLE, setting);
	own_preload = joined(preload, list);
	without_agent(list, rest);
	if (own_setting && own_preload) {
		if (*rest)
			setenv(preload, rest, 1);
		else
			unsetenv(preload);
		unsetenv(AGENT_VARIABLE);
		hidden = true;
	}
	free(rest);
}

void environment_restore(void)
{
	if (!hidden)
		return;
	setenv(AGENT_VARIABLE, own_setting + strlen(AGENT_VARIABLE) + 1, 1);
	setenv(preload, own_preload + sizeof preload, 1);
}

/* ---- children that are given an environment ---- */

static const char *value_of(char *const list[], const char *name)
{
	size_t n = strlen(name);
	for (; *list; list++)
		if (strncmp(*list, name, n) == 0 && (*list)[n] == '=')
			return *list + n + 1;
	return NULL;
}

static bool is_complete(char *const list[])
{
	const char *libraries = value_of(list, preload);
	return value_of(list, AGENT_VARIABLE) && libraries &&
	       strstr(libraries, agent_shared->agent);
}

/* After vfork nothing may be allocated, so a list with ours in it stands on the stack of whoever
 * calls, which holds so much in any thread. A longer list is passed on as it is: some thousand
 * variables are no program's, and far more the kernel refuses anyway. */
enum { MOST_ROOM = 64 << 10 };

/* Bytes for such a list. 0: it is to stay as it is. */
static size_t room_for(char *const list[])
{
	size_t n = 0;
	if (!hidden || !list || !list[0] || is_complete(list))
		return 0;
	const char *libraries = value_of(list, preload);
	while (list[n])
		n++;
	size_t room = (n + 3) * sizeof *list + sizeof preload + strlen(agent_shared->agent) +
		      (libraries ? strlen(libraries) : 0) + 2;
	return room <= MOST_ROOM ? room : 0;
}

static char **completed(char *const list[], void *room)
{
	const char *libraries = value_of(list, preload);
	size_t most = 0, n = 0, own = sizeof preload - 1;
	while (list[most])
		most++;
	char **out = room, *text = (char *)(out + most + 3);
	sprintf(text, "%s=%s%s%s", preload, agent_shared->agent, libraries ? ":" : "",
		libraries ? libraries : "");
	for (size_t i = 0; i < most; i++)
		if (strncmp(list[i], preload, own) != 0 || list[i][own] != '=')
			out[n++] = list[i];
	if (!value_of(list, AGENT_VARIABLE))
		out[n++] = own_setting;
	out[n++] = text;
	out[n] = NULL;
	return out;
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
