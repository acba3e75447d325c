#include "recorder/heap/namer.h"

#include <stdlib.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "share/array.h"

/* The helper reads debugging information at first, which is dear, and has little to do then. */
static const struct purse ALLOWANCE = { .share = 10, .most = 2000000000 };
static const int64_t PATIENCE = 2000000000; /* ns, at the end */

bool namer_knows(struct namer *m, struct places *p, uint32_t number)
{
	struct spot *place = &p->items[number];
	if (place->state == PLACE_ASKED)
		return false;
	if (place->state != PLACE_UNASKED)
		return true;
	uint32_t *item = m->off ? NULL : array_more(&m->queue, &m->n, sizeof *item);
	if (!item) {
		places_name_plainly(p, number);
		return true;
	}
	*item = number;
	place->state = PLACE_ASKED;
	return false;
}

static void take(struct places *p, const struct native_answer *answer)
{
	uint32_t number = (uint32_t)answer->ticket;
	if (number >= p->n || p->items[number].state != PLACE_ASKED)
		return;
	if (answer->python) {
		p->items[number].state = PLACE_RUNS_PYTHON;
		return;
	}
	for (size_t i = 0; i < answer->n; i++)
		places_name(p, number, answer->frames[i].path, answer->frames[i].function,
			    answer->frames[i].line);
	if (p->items[number].state == PLACE_ASKED)
		places_name_plainly(p, number);
}

static bool take_all(struct namer *m, struct places *p)
{
	struct native_answer answer;
	bool any = false;
	while (m->asked > 0 && native_next(m->native, &answer)) {
		m->asked--;
		take(p, &answer);
		any = true;
	}
	return any;
}

/* What the helper has used since it was last asked for that. */
static void pay(struct namer *m, int64_t now)
{
	struct timespec used;
	clockid_t clock;
	if (m->helper <= 0 || clock_getcpuclockid(m->helper, &clock) != 0 ||
	    clock_gettime(clock, &used) < 0)
		return;
	int64_t spent = (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
	if (spent > m->spent)
		purse_pay(&m->purse, now, spent - m->spent);
	m->spent = spent;
}

static void begin(struct namer *m)
{
	m->tried = true;
	m->purse = ALLOWANCE;
	m->native = native_open();
	m->off = !m->native;
}

static void note_helper(struct namer *m, struct recording *r)
{
	pid_t helper = native_pid(m->native);
	if (helper > 0 && helper != m->helper) {
		recording_help(r, helper);
		m->spent = 0;
	}
	m->helper = helper;
}

static bool ask(struct namer *m, struct places *p, uint32_t number)
{
	const struct spot *place = &p->items[number];
	const struct native_address at = {
		place->pid,           place->address,
		place->extent.start,  place->extent.end - place->extent.start,
		place->extent.offset, places_text(p, place->path)
	};
	return native_name(m->native, number, &at);
}

/* Nobody answers any more. */
static void give_up(struct namer *m, struct places *p)
{
	m->off = true;
	for (; m->next < m->n; m->next++)
		places_name_plainly(p, m->queue[m->next]);
}

static void ask_more(struct namer *m, struct places *p, struct recording *r)
{
	if (m->next < m->n && !m->tried)
		begin(m);
	while (!m->off && m->next < m->n && ask(m, p, m->queue[m->next])) {
		m->next++;
		m->asked++;
	}
	note_helper(m, r);
	if (m->next < m->n && (m->off || m->asked == 0))
		give_up(m, p);
	if (m->next == m->n && m->n > 0) {
		free(m->queue);
		m->queue = NULL;
		m->n = m->next = 0;
	}
}

bool namer_look(struct namer *m, struct places *p, struct recording *r, int64_t now)
{
	if (m->n == 0 && m->asked == 0)
		return false;
	bool any = take_all(m, p);
	pay(m, now);
	if (now >= m->purse.not_before)
		ask_more(m, p, r);
	return any;
}

void namer_end(struct namer *m, struct places *p, struct recording *r)
{
	int64_t until = clock_now() + PATIENCE, now = until - PATIENCE;
	for (; (m->n > 0 || m->asked > 0) && now < until; now = clock_now()) {
		ask_more(m, p, r);
		if (m->asked > 0)
			native_settle(m->native, until - now);
		take_all(m, p);
	}
	m->off = true;
	for (uint32_t i = 0; i < p->n; i++)
		if (p->items[i].state == PLACE_ASKED)
			places_name_plainly(p, i);
	m->n = m->next = 0;
}

void namer_close(struct namer *m)
{
	native_close(m->native);
	free(m->queue);
	*m = (struct namer){ 0 };
}
