#include <errno.h>

#include "plotter/export/firefox.h"

enum { MOST_STRINGS = 1 << 20 };

void firefox_separate(struct firefox *f)
{
	fputs(f->separator, f->out);
	f->separator = ",";
}

void firefox_begin_list(struct firefox *f)
{
	fputc('[', f->out);
	f->separator = "";
}

void firefox_time(struct firefox *f, const struct firefox_part *part, int64_t us)
{
	int64_t at = us + part->shift - f->zero;
	uint64_t of = at < 0 ? -(uint64_t)at : (uint64_t)at;
	fprintf(f->out, "%s%llu.%03u", at < 0 ? "-" : "", (unsigned long long)(of / 1000),
		(unsigned)(of % 1000));
}

long firefox_string(struct firefox *f, const char *text)
{
	long at = names_find(&f->strings, text, MOST_STRINGS);
	return at == -ENOSPC ? 0 : at;
}

void firefox_pid(struct firefox *f, const struct firefox_process *process)
{
	fprintf(f->out, "\"%d", (int)process->pid);
	if (process->life > 0)
		fprintf(f->out, "#%u", process->life + 1);
	if (process->part > 0)
		fprintf(f->out, "@%zu", process->part + 1);
	fputc('"', f->out);
}
