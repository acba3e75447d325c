#include "recorder/interpreter.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/regular.h"
#include "share/text.h"

/* python, python3, python3.12, pypy3 …: not python_train.py. */
static bool is_interpreter(const char *program)
{
	const char *name = text_base_name(program);
	if (strncmp(name, "python", 6) != 0 && strncmp(name, "pypy", 4) != 0)
		return false;
	name += name[2] == 't' ? 6 : 4;
	return name[strspn(name, "0123456789.-dt")] == '\0';
}

bool interpreter_is_for(const char *program)
{
	size_t n = strlen(program);
	return n > 3 && strcmp(program + n - 3, ".py") == 0;
}

/* The kernel can execute it: the x bit and a shebang. */
static bool runs_itself(const char *path)
{
	char head[2];
	if (access(path, X_OK) != 0)
		return false;
	struct stat status;
	int fd = regular_open(path, 0, &status);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);
	if (fd >= 0)
		close(fd);
	return n == (ssize_t)sizeof head && head[0] == '#' && head[1] == '!';
}

static const char *choose(void)
{
	static char path[PATH_MAX];
	const char *named = getenv("MPROF_PYTHON"), *environment = getenv("VIRTUAL_ENV");
	if (named && *named)
		return named;
	if (environment && *environment &&
	    snprintf(path, sizeof path, "%s/bin/python", environment) < (int)sizeof path &&
	    access(path, X_OK) == 0)
		return path;
	return "python3";
}

const char *interpreter_for(const char *program, enum interpreter_wish wish)
{
	if (wish == INTERPRETER_NEVER || is_interpreter(program))
		return NULL;
	if (wish == INTERPRETER_ALWAYS)
		return choose();
	/* A name that is no file here may still be found in PATH, where scripts end in .py too. */
	if (!interpreter_is_for(program) || access(program, F_OK) != 0)
		return NULL;
	if (!runs_itself(program))
		return choose();
	return NULL;
}
