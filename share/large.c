#include "share/large.h"

#include <signal.h>
#include <stdbool.h>

static struct sigaction before;
static bool ignored;

void large_ignore(void)
{
	const struct sigaction none = { .sa_handler = SIG_IGN };
	if (!ignored)
		ignored = sigaction(SIGXFSZ, &none, &before) == 0;
}

void large_restore(void)
{
	if (ignored)
		sigaction(SIGXFSZ, &before, NULL);
}
