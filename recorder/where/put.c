#include "recorder/where/put.h"

#include "recorder/kernel/clock.h"
#include "recorder/where/polled.h"

void put_step(struct growth_probe *growth, struct recording *r, struct grower *g,
	      const struct step *step, int64_t now)
{
	if (step->bytes == 0)
		return;
	if (step->how != PROFILE_COPIED)
		g->held += (uint64_t)step->bytes;
	if (g->held > g->most)
		g->most = g->held;
	const struct profile_record record = {
		.kind = PROFILE_GROW,
		.increment = sample_umib_change(step->bytes),
		.at = { sampler_epoch_us(&r->sampler, now), sample_umib(g->held) },
		.pid = g->pid,
		.thread = step->thread,
		.frame = step->frame,
		.how = (unsigned char)step->how,
	};
	asker_put(&growth->asker, r, &growth->told, &record, step->ticket);
	growth->moved = now;
	r->growth.steps = ++growth->steps;
}

static void put_each(struct growth_probe *growth, struct recording *r, struct grower *g,
		     bool copied, int64_t now)
{
	for (size_t i = 0; i < g->shares.n; i++) {
		const struct share *share = &g->shares.items[i];
		struct step step = { share->bytes, share->thread, share->frame,
				     copied ? PROFILE_COPIED : share->how, share->ticket };
		put_step(growth, r, g, &step, now);
	}
}

void put_shares(struct growth_probe *growth, struct recording *r, struct grower *g,
		const struct account *account, int64_t now)
{
	if (account->grown > 0) {
		shares_divide(&g->shares, account->grown, account->huge);
		put_each(growth, r, g, false, now);
	}
	if (account->copied > 0) {
		shares_divide(&g->shares, account->copied, account->huge);
		put_each(growth, r, g, true, now);
		g->shared -= (uint64_t)account->copied;
	}
	g->shares.n = 0;
}

static struct polled_to polled_to(struct growth_probe *growth, struct recording *r)
{
	return (struct polled_to){ &growth->reader, &growth->told, &r->writer,
				   growth->where == WHERE_LINES };
}

void put_polled(struct growth_probe *growth, struct recording *r, struct grower *g,
		const struct account *account, int64_t now)
{
	struct polled_to to = polled_to(growth, r);
	int64_t bytes = account->other;
	to.huge = account->few;
	struct sample at = { sampler_epoch_us(&r->sampler, now),
			     sample_umib(g->held + (uint64_t)bytes) };
	if (!g->polled)
		g->polled = polled_new();
	int64_t told = polled_put(g->polled, g, &to, bytes, at);
	if (told == 0)
		return;
	g->held += (uint64_t)told;
	if (g->held > g->most)
		g->most = g->held;
	growth->moved = now;
	r->growth.steps = ++growth->steps;
}

void put_kept(struct growth_probe *growth, struct recording *r, struct grower *g, int64_t now)
{
	struct polled_to to = polled_to(growth, r);
	struct sample at = { sampler_epoch_us(&r->sampler, now), sample_umib(g->held) };
	polled_review(g->polled, g, &to, at);
}

void put_rest(struct growth_probe *growth, struct recording *r, struct grower *g)
{
	struct polled_to to = polled_to(growth, r);
	int64_t us = sampler_epoch_us(&r->sampler, clock_now());
	polled_settle(g->polled, g, &to, (struct sample){ us, sample_umib(g->held) });
}
