#include "recorder/recording/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/command.h"

#define EACH(part, probes)                                                                    \
	for (struct probe_part *part = (probes)->parts; part < (probes)->parts + (probes)->n; \
	     part++)

int probes_init(struct probes *probes, const struct probe *const table[])
{
	size_t n = 0;
	while (table[n])
		n++;
	probes->n = 0;
	probes->parts = calloc(n + 1, sizeof *probes->parts);
	for (size_t i = 0; probes->parts && i < n; i++) {
		void *state = calloc(1, table[i]->state_size + 1);
		if (!state)
			return -ENOMEM;
		if (table[i]->initial)
			memcpy(state, table[i]->initial, table[i]->state_size);
		probes->parts[probes->n++] = (struct probe_part){ table[i], state };
	}
	return probes->parts ? 0 : -ENOMEM;
}

size_t probes_options(const struct probes *probes, bool of_ours, struct option_table *tables)
{
	size_t n = 0;
	EACH(part, probes)
	if (part->probe->options && part->probe->of_ours == of_ours)
		tables[n++] = (struct option_table){ part->probe->options, part->state };
	return n;
}

void *probes_state(const struct probes *probes, const struct probe *probe)
{
	EACH(part, probes)
	if (part->probe == probe)
		return part->state;
	return NULL;
}

int probes_check(struct probes *probes, struct recording *r)
{
	int status = -1;
	EACH(part, probes)
	if (status == -1 && part->probe->check)
		status = part->probe->check(part->state, r);
	EACH(part, probes)
	if (status == -1 && part->probe->agree)
		status = part->probe->agree(part->state, r);
	return status;
}

void probes_prepare(struct probes *probes, struct recording *r)
{
	EACH(part, probes)
	if (part->probe->prepare)
		part->probe->prepare(part->state, r);
}

void probes_started(struct probes *probes, struct recording *r)
{
	EACH(part, probes)
	if (part->probe->started)
		part->probe->started(part->state, r);
}

/* Who asks for its state finds none from here on, while others still open. */
static void drop(struct probe_part *part)
{
	static const struct probe nobody = { 0 };
	if (part->probe->close)
		part->probe->close(part->state);
	free(part->state);
	*part = (struct probe_part){ &nobody, NULL };
}

void probes_open(struct probes *probes, struct recording *r)
{
	size_t n = 0;
	EACH(part, probes)
	{
		if (part->probe->open && part->probe->open(part->state, r) < 0)
			drop(part);
		else
			probes->parts[n++] = *part;
	}
	probes->n = n;
	probes->opened = true;
}

void probes_born(struct probes *probes, struct recording *r, const struct member *member)
{
	EACH(part, probes)
	if (part->probe->born)
		part->probe->born(part->state, r, member);
}

void probes_gone(struct probes *probes, struct recording *r, const struct member *member)
{
	EACH(part, probes)
	if (part->probe->gone)
		part->probe->gone(part->state, r, member);
}

void probes_event(struct probes *probes, struct recording *r, const struct event *event)
{
	EACH(part, probes)
	if (part->probe->event)
		part->probe->event(part->state, r, event);
}

void probes_sample(struct probes *probes, struct recording *r, int64_t now)
{
	EACH(part, probes)
	if (part->probe->sample)
		part->probe->sample(part->state, r, now);
	EACH(part, probes)
	if (part->probe->act)
		part->probe->act(part->state, r, now);
}

int64_t probes_wait(const struct probes *probes, const struct recording *r, int64_t now)
{
	int64_t least = -1;
	EACH(part, probes)
	{
		if (!part->probe->wait)
			continue;
		int64_t left = part->probe->wait(part->state, r, now);
		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

void probes_look(struct probes *probes, struct recording *r, int64_t now)
{
	EACH(part, probes)
	if (part->probe->look && part->probe->wait(part->state, r, now) == 0)
		part->probe->look(part->state, r, now);
}

void probes_end(struct probes *probes, struct recording *r)
{
	EACH(part, probes)
	if (part->probe->end && (probes->opened || !part->probe->open))
		part->probe->end(part->state, r);
	EACH(part, probes)
	if (part->probe->conclude)
		part->probe->conclude(part->state, r);
}

int probes_say(struct probes *probes, const struct recording *r, int status)
{
	EACH(part, probes)
	if (part->probe->say)
		status = part->probe->say(part->state, r, status);
	return status;
}

void probes_close(struct probes *probes)
{
	EACH(part, probes)
	drop(part);
	free(probes->parts);
	*probes = (struct probes){ 0 };
}
