#include "recorder/tree/hidden.h"

#include <errno.h>

#include "recorder/kernel/alive.h"
#include "recorder/tree/family.h"

bool hidden_note(struct family *f, struct member *m, int error)
{
	if (error == -ESRCH && !alive_is_hidden(m->pid))
		return false;
	f->hidden += !m->was_hidden;
	f->starved |= error == -EMFILE || error == -ENFILE;
	m->hidden = m->was_hidden = true;
	return true;
}

void hidden_count(struct family *f)
{
	f->unread = 0;
	for (size_t i = 0; i < f->n; i++)
		f->unread += f->members[i]->hidden && !f->members[i]->ended;
}
