#include "recorder/python/agent/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/given_calls.h"

/* What the program sees in os.environ is what it would see without us; what its children get is
 * what brought us here: in the C environment for those that inherit it, and put back by the calls
 * of given_calls.c for those that are given a copy of os.environ. A child with an empty environment
 * gets none. */

static struct given own;  /* "MPROF_AGENT=…" is its setting */
static char *own_preload; /* "LD_PRELOAD=…", as we were started */

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
		given_hidden = &own;
	}
	free(rest);
}

void environment_restore(void)
{
	if (!given_hidden)
		return;
	setenv(AGENT_VARIABLE, own.setting + strlen(AGENT_VARIABLE) + 1, 1);
	setenv(GIVEN_LIST, own_preload + sizeof GIVEN_LIST, 1);
}
