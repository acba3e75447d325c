#include "recorder/where/late.h"

#include <string.h>

static const int64_t PATIENCE = 3000000000; /* ns */

/* Who takes huge pages is seen to within so long after, and before; ns. */
static const int64_t MAY_PROVE = 100000000, JUST_NOW = 50000000;

void late_put(struct profile_writer *writer, pid_t pid, pid_t thread, uint64_t frame,
	      int64_t change, struct sample at)
{
	profile_put(writer, &(struct profile_record){
				    .kind = PROFILE_GROW,
				    .how = PROFILE_POLLED,
				    .increment = sample_umib_change(change),
				    .at = at,
				    .pid = pid,
				    .thread = thread,
				    .frame = frame,
			    });
}

void late_share(const struct late *late, struct profile_writer *writer, pid_t pid,
		const struct blame_share *shares, size_t n)
{
	uint64_t sum = 0;
	int64_t rest = late->change;
	for (size_t i = 0; i < n; i++)
		sum += shares[i].weight;
	for (size_t i = 0; i < n; i++) {
		double part = (double)shares[i].weight / (double)sum;
		int64_t own = i + 1 < n ? (int64_t)((double)late->change * part) : rest;
		late_put(writer, pid, late->thread, shares[i].frame, own, late->at);
		rest -= own;
	}
}

/* What cannot be told by anybody's line is told by what it certainly was below, if that is known.
 */
void late_tell(const struct late *late, struct profile_writer *writer, pid_t pid)
{
	late_put(writer, pid, late->frame ? late->thread : 0, late->frame, late->change, late->at);
}

static void drop(struct lates *lates, size_t i)
{
	memmove(&lates->items[i], &lates->items[i + 1], (--lates->n - i) * sizeof *lates->items);
}

/* What rests was over with something that its caller may have called; what runs is not. */
static size_t find(const struct late *late, const struct blame *blame,
		   struct blame_share shares[BLAME_MOST])
{
	size_t n = late->rests ? blame_find(blame, &late->trail, shares)
			       : blame_find_own(blame, &late->trail, shares);
	int64_t since = late->rests ? 1 : late->since - JUST_NOW;
	return late->huge ? blame_keep_huge(shares, n, since) : n;
}

/* The line that ran is the one, if it is known to grow. Huge pages are few, and bring few faults
 * that are told: so it is as well if nobody else was seen to take any about then. How many are in
 * `shares`; 0: it is to be waited for. */
size_t late_judge(const struct late *late, const struct blame *blame, int64_t now,
		  struct blame_share shares[BLAME_MOST])
{
	size_t n = find(late, blame, shares);
	bool ran = late->frame && !late->rests;
	if (!ran || (!blame_has(shares, n, late->frame) &&
		     (n > 0 || !late->huge || now - late->since < MAY_PROVE)))
		return n;
	shares[0] = (struct blame_share){ .frame = late->frame, .weight = 1 };
	return 1;
}

/* Nobody was seen to take huge pages there, and it is too late to wait: the only line of that
 * function, or of its caller, that was seen to take any is the likeliest. */
static size_t last_resort(const struct late *late, const struct blame *blame,
			  struct blame_share shares[BLAME_MOST])
{
	size_t n = late->huge && late->rests ? blame_find_own(blame, &late->trail, shares) : 0;
	return n == 1 ? 1 : 0;
}

/* Somebody has been seen since, or nobody has for long. They are told of the moment of that, since
 * a recording goes on in time. */
void lates_review(struct lates *lates, const struct blame *blame, struct profile_writer *writer,
		  pid_t pid, int64_t now)
{
	struct blame_share shares[BLAME_MOST];
	for (size_t i = lates->n; i-- > 0;) {
		lates->items[i].at = lates->at;
		size_t n = late_judge(&lates->items[i], blame, now, shares);
		bool over = lates->items[i].left || now - lates->items[i].since > PATIENCE;
		if (n == 0 && over)
			n = last_resort(&lates->items[i], blame, shares);
		if (n > 0)
			late_share(&lates->items[i], writer, pid, shares, n);
		else if (over)
			late_tell(&lates->items[i], writer, pid);
		else
			continue;
		drop(lates, i);
	}
}

void lates_keep(struct lates *lates, struct profile_writer *writer, pid_t pid,
		const struct late *late)
{
	for (size_t i = 0; i < lates->n; i++)
		if (lates->items[i].thread == late->thread &&
		    lates->items[i].frame == late->frame && lates->items[i].huge == late->huge &&
		    lates->items[i].trail.places[0] == late->trail.places[0]) {
			lates->items[i].change += late->change;
			return;
		}
	if (lates->n == LATE_MOST) {
		lates->items[0].at = lates->at;
		late_tell(&lates->items[0], writer, pid);
		drop(lates, 0);
	}
	lates->items[lates->n++] = *late;
}

void lates_leave(struct lates *lates, pid_t thread, uint64_t root)
{
	for (size_t i = 0; i < lates->n; i++)
		lates->items[i].left |= lates->items[i].thread == thread &&
					lates->items[i].trail.root != root && root != 0;
}

void lates_forget(struct lates *lates)
{
	for (size_t i = 0; i < lates->n; i++)
		lates->items[i].frame = 0;
}
