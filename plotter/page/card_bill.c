#include "plotter/page/card_bill.h"

#include <string.h>

#include "plotter/page/markup.h"
#include "share/format.h"
#include "share/growth/card_facts.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/xml.h"

enum { MOST = 8, MEANING = 96, CAPTION = 1024 };

#define MEANS(id, key, meaning) meaning,
static const char *const meanings[] = { CARD_CLASSES(MEANS) };
#undef MEANS

/* How each is known where there was time to look; what was counted object by object, and what is
 * less than something by that, is otherwise a bound, which its record says. */
static const char *const sources[N_CARD_CLASSES] = {
	[CARD_OWED_TOTAL] = "exact: the driver's figure",
	[CARD_OWED_FREE] = "exact: the driver's figure",
	[CARD_OWED_ALLOWED] = "exact: as it was set",
	[CARD_OWED_ALLOCATED] = "exact: its own count",
	[CARD_OWED_RESERVED] = "exact: its own count",
	[CARD_OWED_UNUSED] = "exact: its own count",
	[CARD_OWED_WEIGHTS] = "exact: object by object",
	[CARD_OWED_GRADIENTS] = "exact: object by object",
	[CARD_OWED_OPTIMIZER] = "exact: object by object",
	[CARD_OWED_BUFFERS] = "exact: object by object",
	[CARD_OWED_ACTIVATIONS] = "what remains of what was allocated",
	[CARD_OWED_OUTSIDE] = "what remains of the driver's figure of the process",
	[CARD_OWED_NEIGHBOUR] = "exact: the driver's figure of that process",
	[CARD_OWED_REST] = "what remains of the total",
};

static bool is_bound(const char *whom)
{
	return strcmp(whom, "at least") == 0 || strcmp(whom, "at most") == 0;
}

static void put_meaning(FILE *out, const char *meaning)
{
	char words[MEANING];
	size_t skip = *meaning == '[', n = strlen(meaning);
	snprintf(words, sizeof words, "%.*s", (int)(n - 2 * skip), meaning + skip);
	markup_cell(out, words);
}

static void put_class(FILE *out, const struct profile_owed *owed, int64_t total)
{
	int class = card_class_of(owed->class);
	bool told = owed->umib >= 0, whose = *owed->whom && strcmp(owed->whom, "-") != 0;
	if (class < 0 || !sources[class]) /* it is no figure */
		return;
	fputs("<tr>", out);
	if (told)
		markup_mib(out, owed->umib);
	else
		markup_cell(out, "not told");
	/* Sums of what else stands there have no share of their own. */
	if (told && *meanings[class] == '[')
		markup_share(out, owed->umib, total);
	else
		markup_cell(out, "");
	fputs("<td>", out);
	xml_text(out, owed->class);
	if (class == CARD_OWED_NEIGHBOUR && whose) {
		fputs(": ", out);
		xml_text(out, owed->whom);
	}
	fputs("</td>", out);
	put_meaning(out, meanings[class]);
	markup_cell(out, !told ? "unknown" : is_bound(owed->whom) ? owed->whom : sources[class]);
	fputs("</tr>\n", out);
}

static int64_t owed_of(const struct profile_oom *oom, enum card_class class)
{
	const struct profile_owed *owed = card_owed(oom, class);
	return owed ? owed->umib : PROFILE_UNTOLD;
}

/* "GPU 0 had no memory left at 60.00 s: process 42 wanted 30.0 GiB, 18.1 GiB were free; …" */
static void say(char out[CAPTION], const struct profile *p, const struct growth *g,
		const struct card *card)
{
	char moment[FORMAT_SIZE], wanted[FORMAT_SIZE] = "more", free[FORMAT_SIZE + 16] = "",
				  name[GROWTH_NAME], place[GROWTH_NAME + 4] = "";
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
	format_duration(moment, sample_seconds(oom->at.us - p->start_us));
	snprintf(out, CAPTION,
		 "GPU %.32s had no memory left at %s: process %d wanted %s%s%s. What held it, as "
		 "%.64s told%s",
		 oom->device, moment, (int)oom->pid, wanted, place, free, oom->who,
		 card->billed == oom ? "" : " at a failure shortly before");
}

static void put_table(FILE *out, const struct profile *p, const struct growth *g,
		      const struct card *card)
{
	static const char *const headings[] = { "#MiB", "#of the card", "what", "that is",
						"how it is known" };
	char caption[CAPTION];
	const struct profile_oom *billed = card->billed ? card->billed : card->oom;
	int64_t total = owed_of(billed, CARD_OWED_TOTAL);
	say(caption, p, g, card);
	markup_table(out, caption, headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < billed->n_owed; i++)
		put_class(out, &billed->owed[i], total);
	markup_end_table(out);
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
		if (ranks[i]->n_owed > 0 || card.billed)
			put_table(out, profile, growth, &card);
		card_close(&card);
	}
	return 0;
}
