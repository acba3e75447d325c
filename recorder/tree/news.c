#include "recorder/tree/news.h"

#include <string.h>

#include "recorder/kernel/procfs.h"
#include "recorder/tree/family.h"
#include "recorder/tree/title.h"

static void make_title(struct member *m)
{
	char arguments[1024];
	ssize_t n = title_asks_for_arguments(m->comm)
			    ? procfs_once(m->pid, "cmdline", arguments, sizeof arguments)
			    : 0;
	title_make(m->name, sizeof m->name, m->comm, arguments, n > 0 ? (size_t)n : 0);
}

void news_name(const struct family *f, struct member *m, int64_t now)
{
	char before[sizeof m->name];
	memcpy(before, m->name, sizeof before);
	make_title(m);
	m->told = m->named ? now : m->born;
	if (f->watcher.named && (!m->named || strcmp(before, m->name) != 0))
		f->watcher.named(f->watcher.context, m);
	m->named = true;
}

void news_born(const struct family *f, struct member *m, int64_t at)
{
	m->told = at;
	if (f->watcher.born)
		f->watcher.born(f->watcher.context, m);
}

void news_gone(const struct family *f, struct member *m)
{
	m->told = m->left_at;
	if (f->watcher.gone)
		f->watcher.gone(f->watcher.context, m);
}
