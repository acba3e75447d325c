#include "recorder/tree/handles.h"

#include <errno.h>
#include <stdlib.h>

#include "recorder/tree/family.h"

/* What stands for a group holds nothing itself. */
static int nobody_open(void *state, pid_t pid)
{
	(void)state, (void)pid;
	return 0;
}

static int nobody_read(void *state, uint64_t *bytes)
{
	(void)state;
	*bytes = 0;
	return 0;
}

static void nobody_close(void *state)
{
	(void)state;
}

static const struct source nobody = {
	.metric = &metric_rss,
	.state_size = 1,
	.open = nobody_open,
	.read = nobody_read,
	.close = nobody_close,
};

static void close_source(struct member *m)
{
	if (m->source)
		m->source->close(m->state);
	free(m->state);
	m->source = NULL;
	m->state = NULL;
}

static int open_source(struct member *m, const struct source *source)
{
	m->state = calloc(1, source->state_size);
	if (!m->state)
		return -ENOMEM;
	int r = source->open(m->state, m->pid);
	if (r == 0)
		m->source = source;
	return r;
}

static void close_mark(struct member *m)
{
	if (m->mark)
		high_water_close(m->mark);
	free(m->mark);
	m->mark = NULL;
}

static void open_mark(struct family *f, struct member *m)
{
	uint64_t past;
	m->mark = calloc(1, sizeof *m->mark);
	if (m->mark && high_water_open(m->mark, m->pid, true) < 0) {
		free(m->mark);
		m->mark = NULL;
	}
	if (m->mark && f->older)
		high_water_read(m->mark, &past);
	/* One that ends at this very moment cannot be reset either, which says nothing of it. */
	f->unreset |= m->mark && !high_water_is_reset(m->mark) && procfs_has_memory(m->pid);
}

int handles_fall_back(struct family *f, struct member *m)
{
	close_source(m);
	int r = open_source(m, source_find("rss"));
	f->fell_back |= r == 0;
	return r;
}

int handles_open(struct family *f, struct member *m)
{
	/* What is the group's or the machine's is told once. Of the others it would be no figure,
	 * nor tell when they end. */
	bool own = m == f->members[0] || !source_is_common(f->source);
	const struct source *source = own ? f->source : source_find("rss");
	if (m->pid == 0 && !source_is_common(source))
		source = &nobody;
	int r = open_source(m, source);
	if ((r == -EACCES || r == -EPERM) && f->source->metric->costly && m != f->members[0])
		r = handles_fall_back(f, m);
	if (r == 0 && f->reach != FAMILY_ALONE && f->reach != FAMILY_GROUP && !f->scanning)
		r = children_open(&m->children, m->pid);
	if (r == 0 && f->exact)
		open_mark(f, m);
	return r;
}

void handles_close_figures(struct member *m)
{
	close_mark(m);
	close_source(m);
}

void handles_close(struct member *m)
{
	handles_close_figures(m);
	children_close(&m->children);
}
