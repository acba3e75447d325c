#include "recorder/probes/probe.h"

#include <errno.h>
#include <stdlib.h>

extern const struct probe probe_act, probe_announce, probe_gpu, probe_growth, probe_memory_kill,
	probe_metrics, probe_overlap, probe_peaks, probe_python_agent, probe_unseen;

const struct probe *const probes[] = {
	&probe_announce,
	&probe_python_agent,
	&probe_gpu,
	&probe_growth,
	&probe_metrics,
	&probe_memory_kill,
	&probe_peaks,
	&probe_overlap,
	&probe_unseen,
	&probe_act, /* looks at what peaks has found */
	NULL,
};

static size_t count(void)
{
	size_t n = 0;
	while (probes[n])
		n++;
	return n;
}

int probes_check(const struct record_options *options)
{
	int status = -1;
	for (size_t i = 0; probes[i] && status == -1; i++)
		if (probes[i]->check)
			status = probes[i]->check(options);
	return status;
}

static void drop(struct probes *set, size_t at)
{
	if (!set->states[at])
		return;
	if (probes[at]->close)
		probes[at]->close(set->states[at]);
	free(set->states[at]);
	set->states[at] = NULL;
}

int probes_prepare(struct probes *set, struct recording *recording, bool target_is_ours)
{
	set->states = calloc(count() + 1, sizeof *set->states);
	for (size_t i = 0; set->states && probes[i]; i++) {
		set->states[i] = calloc(1, probes[i]->state_size + 1);
		if (!set->states[i])
			return -ENOMEM;
		if (probes[i]->prepare && target_is_ours)
			probes[i]->prepare(set->states[i], recording);
	}
	return set->states ? 0 : -ENOMEM;
}

void probes_open(struct probes *set, struct watch *watch)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->open(set->states[i], watch) < 0)
			drop(set, i);
}

void probes_born(struct probes *set, struct watch *watch, const struct member *member)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->born)
			probes[i]->born(set->states[i], watch, member);
}

void probes_gone(struct probes *set, struct watch *watch, const struct member *member)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->gone)
			probes[i]->gone(set->states[i], watch, member);
}

void probes_sample(struct probes *set, struct watch *watch, int64_t now)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->sample)
			probes[i]->sample(set->states[i], watch, now);
}

int64_t probes_wait(const struct probes *set, const struct watch *watch, int64_t now)
{
	int64_t least = -1;
	for (size_t i = 0; probes[i]; i++) {
		if (!set->states[i] || !probes[i]->wait)
			continue;
		int64_t left = probes[i]->wait(set->states[i], watch, now);
		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

void probes_look(struct probes *set, struct watch *watch, int64_t now)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->wait && probes[i]->look &&
		    probes[i]->wait(set->states[i], watch, now) == 0)
			probes[i]->look(set->states[i], watch, now);
}

void probes_end(struct probes *set, struct watch *watch)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->end)
			probes[i]->end(set->states[i], watch);
}

int probes_say(struct probes *set, const struct recording *recording, const struct watch *watch,
	       int status)
{
	for (size_t i = 0; probes[i]; i++)
		if (set->states[i] && probes[i]->say)
			status = probes[i]->say(set->states[i], recording, watch, status);
	return status;
}

void probes_close(struct probes *set)
{
	for (size_t i = 0; set->states && probes[i]; i++)
		drop(set, i);
	free(set->states);
	set->states = NULL;
}
