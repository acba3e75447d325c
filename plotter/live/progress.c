#include "plotter/live/progress.h"

#include <stdlib.h>
#include <string.h>

#include "share/environment.h"
#include "share/number.h"

static bool is(const char *name, const char *value)
{
	const char *set = environment_word(name);
	return set && strcmp(set, value) == 0;
}

/* Windows Terminal, ConEmu, Ghostty, mintty, and those of VTE from 0.79 on. Not within what passes
 * nothing on. */
bool progress_is_known(void)
{
	enum { FIRST_VTE = 7900 };
	const char *vte = getenv("VTE_VERSION");
	long version = 0;
	if (environment_word("TMUX") || environment_word("STY"))
		return false;
	if (vte && number_whole(vte, &version) == 0 && version >= FIRST_VTE)
		return true;
	return environment_word("WT_SESSION") || is("ConEmuANSI", "ON") ||
	       is("TERM_PROGRAM", "ghostty") || is("TERM_PROGRAM", "mintty");
}

void progress_put(int percent, FILE *out)
{
	enum { NORMAL = 1, ALARM = 2, MUCH = 90 };
	if (percent < 0)
		fputs(PROGRESS_NONE, out);
	else
		fprintf(out, "\x1b]9;4;%d;%d\x1b\\", percent >= MUCH ? ALARM : NORMAL, percent);
}
