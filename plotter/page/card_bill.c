#include "plotter/page/card_bill.h"

#include <string.h>

#include "plotter/page/markup.h"
#include "share/format.h"
#include "share/growth/card_facts.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/xml.h"

enum { MOST = 8, COLUMNS = 5, CAPTION = 2048 };

/* Of each row: what it is, and how it is known where there was time to look; what was counted
 * object by object, and what is less than something by that, is otherwise a bound. */
static const struct {
	const char *is, *known, *cut;
} kinds[N_CARD_ROWS] = {
	[CARD_ROW_WEIGHTS] = { "parameters of modules", "exact: object by object", "at least" },
	[CARD_ROW_GRADIENTS] = { "of parameters", "exact: object by object", "at least" },
	[CARD_ROW_OPTIMIZER] = { "of all optimizers", "exact: object by object", "at least" },
	[CARD_ROW_BUFFERS] = { "of modules", "exact: object by object", "at least" },
	[CARD_ROW_ACTIVATIONS] = { "what else was allocated: outputs, too",
				   "what remains of what was allocated", "at most" },
	[CARD_ROW_USED] = { "allocated; nobody looked for what", "exact: its own count" },
	[CARD_ROW_UNUSED] = { "kept by the pool for later", "exact: its own count" },
	[CARD_ROW_OUTSIDE] = { "the process' own beside the pool",
			       "what remains of the driver's figure of the process" },
	[CARD_ROW_NEIGHBOUR] = { NULL, "exact: the driver's figure of each" },
	[CARD_ROW_REST] = { "the driver keeps it, or nobody tells of it",
			    "what remains of all of the card" },
	[CARD_ROW_FREE] = { "what nobody held", "exact: the driver's figure" },
};

/* "77 python3: 2400.0 MiB, 78 ?: not told" */
static void put_neighbours(FILE *out, const struct profile_oom *oom)
{
	const char *comma = "";
	fputs("<td>", out);
	for (size_t i = 0; i < oom->n_owed; i++) {
		const struct profile_owed *owed = &oom->owed[i];
		char figure[FORMAT_SIZE] = "not told";
		if (card_class_of(owed->class) != CARD_OWED_NEIGHBOUR || owed->umib == 0)
			continue;
		if (owed->umib > 0)
			format_memory(figure, sample_mib(owed->umib));
		fputs(comma, out);
		xml_text(out, owed->whom);
		fprintf(out, ": %s", figure);
		comma = ", ";
	}
	fputs("</td>", out);
}

/* Of neighbours, some may be told and others not. */
static const char *known_of(const struct card_bill *bill, enum card_row row)
{
	if (bill->rows[row].umib < 0)
		return "unknown";
	for (size_t i = 0; row == CARD_ROW_NEIGHBOUR && i < bill->of->n_owed; i++)
		if (card_class_of(bill->of->owed[i].class) == CARD_OWED_NEIGHBOUR &&
		    bill->of->owed[i].umib < 0)
			return "at least";
	return bill->cut && kinds[row].cut ? kinds[row].cut : kinds[row].known;
}

static void put_row(FILE *out, const struct card_bill *bill, enum card_row row)
{
	int64_t umib = bill->rows[row].umib;
	if (!bill->rows[row].there || (umib == 0 && row != CARD_ROW_FREE))
		return;
	fputs("<tr>", out);
	if (umib >= 0) {
		markup_mib(out, umib);
		markup_share(out, umib, bill->total);
	} else {
		markup_cell(out, "not told");
		markup_cell(out, "");
	}
	markup_cell(out, card_row_name(row));
	if (row == CARD_ROW_NEIGHBOUR)
		put_neighbours(out, bill->of);
	else
		markup_cell(out, kinds[row].is);
	markup_cell(out, known_of(bill, row));
	fputs("</tr>\n", out);
}

/* What has no share of its own. It stays below the rows however they are sorted. */
static void put_sum(FILE *out, int64_t umib, const char *name, const char *is, const char *known)
{
	fputs("<tr>", out);
	markup_mib(out, umib);
	markup_cell(out, "");
	markup_cell(out, name);
	markup_cell(out, is);
	markup_cell(out, known);
	fputs("</tr>\n", out);
}

static void put_sums(FILE *out, const struct card_bill *bill)
{
	fputs("</tbody><tfoot>", out);
	put_sum(out, bill->total, "all of the card", "the sum of these rows",
		"exact: the driver's figure");
	if (bill->allowed > 0)
		put_sum(out, bill->allowed, "allowed of it", "to this process",
			"exact: as it was set");
	if (bill->of->at.umib > 0)
		put_sum(out, bill->of->at.umib, "wanted beside that", "and not given",
			"exact: what was asked for");
	fputs("</tfoot></table></section>\n", out);
}

static int64_t owed_of(const struct profile_oom *oom, enum card_class class)
{
	const struct profile_owed *owed = card_owed(oom, class);
	return owed ? owed->umib : PROFILE_UNTOLD;
}

/* "GPU 0 had no memory left at 60.00 s: process 42 wanted 30.0 GiB, 18.1 GiB were free; …" */
static void say(char out[CAPTION], const struct profile *p, const struct growth *g,
		const struct card *card, const struct card_bill *bill)
{
	char moment[FORMAT_SIZE], wanted[FORMAT_SIZE] = "more", free[FORMAT_SIZE + 16] = "",
				  name[GROWTH_NAME], place[GROWTH_NAME + 4] = "",
				  before[FORMAT_SIZE + 24] = "";
	const struct profile_oom *oom = card->oom;
	int64_t left = owed_of(oom, CARD_OWED_FREE);
	if (oom->at.umib > 0)
		format_memory(wanted, sample_mib(oom->at.umib));
	if (left >= 0) {
		format_memory(moment, sample_mib(left));
		snprintf(free, sizeof free, ", %s were free", moment);
	}
	if (card->frame) {
		const struct growth_row row = growth_row_of(g, card->frame, GROWTH_TO_USER);
		snprintf(place, sizeof place, " in %s", growth_name(name, g, &row, GROWTH_BY_LINE));
	}
	if (bill->of != oom) {
		format_duration(moment, sample_seconds(bill->age));
		snprintf(before, sizeof before, " at a failure %s before", moment);
	}
	format_duration(moment, sample_seconds(oom->at.us - p->start_us));
	snprintf(out, CAPTION,
		 "GPU %.32s had no memory left at %s: process %d wanted %s%s%s. What held it, as "
		 "%.64s told%s",
		 oom->device, moment, (int)oom->pid, wanted, place, free, oom->who, before);
}

/* What of it is to be known before it is read. */
static void say_notes(char out[CAPTION], const struct card_bill *bill, bool silent)
{
	char figure[FORMAT_SIZE];
	size_t n = strlen(out);
	if (bill->over > 0)
		n += (size_t)snprintf(out + n, CAPTION - n,
				      ". That is %s more than the card has: not all of it can lie "
				      "there",
				      format_memory(figure, sample_mib(bill->over)));
	if (bill->cut)
		n += (size_t)snprintf(out + n, CAPTION - n, ". There was no time to look at all");
	if (silent)
		snprintf(out + n, CAPTION - n,
			 ". The driver did not answer: what the process held beside its pool, and "
			 "others did, is not told");
}

static void put_table(FILE *out, const struct profile *p, const struct growth *g,
		      const struct card *card)
{
	static const char *const headings[COLUMNS] = { "#MiB", "#of the card", "what", "that is",
						       "how it is known" };
	char caption[CAPTION];
	struct card_bill bill;
	if (!card_bill_make(&bill, p, card->oom))
		return;
	say(caption, p, g, card, &bill);
	say_notes(caption, &bill, card_is_driver_silent(p));
	markup_table(out, caption, headings, COLUMNS);
	for (int row = 0; row < N_CARD_ROWS; row++)
		put_row(out, &bill, (enum card_row)row);
	put_sums(out, &bill);
}

int card_bill_put(FILE *out, const struct profile *profile, const struct growth *growth)
{
	const struct profile_oom *ranks[CARD_RANKS];
	size_t n = card_ranks(profile, ranks);
	for (size_t i = 0; i < n && i < MOST; i++) {
		struct card card;
		int r = card_open_of(&card, profile, growth, ranks[i]);
		if (r < 0)
			return r;
		put_table(out, profile, growth, &card);
		card_close(&card);
	}
	return 0;
}
