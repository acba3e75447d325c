/* Failures of GPUs, for people. */
#include <stdlib.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/card_print.h"
#include "share/text.h"

enum { SIDE_BY_SIDE = 4, NAME = 24, COLUMN = 14 };

static double moment(int64_t us, int64_t start)
{
	return us > start ? sample_seconds(us - start) : 0;
}

/* ---- the causes ---- */

static void print_whose(FILE *out, const struct profile *p, const struct card *card)
{
	char *name = text_printable(profile_name_of(p, card->oom->pid));
	fprintf(out, "process %d%s%s", (int)card->oom->pid, name && *name ? " " : "",
		name ? name : "");
	free(name);
}

static void print_head(FILE *out, const struct profile *p, const struct card *card, int64_t start,
		       const struct profile_oom *first)
{
	char when[FORMAT_SIZE];
	const int64_t later = card->oom->at.us - first->at.us;
	fprintf(out, "GPU %s had no memory left", card->oom->device);
	if (card->oom != first) {
		fputs(" for ", out);
		print_whose(out, p, card);
		fprintf(out, ", %s %s",
			format_duration(when, sample_seconds(later < 0 ? -later : later)),
			later < 0 ? "earlier" : "later");
	} else if (card->others > 0) {
		fputs(", first for ", out);
		print_whose(out, p, card);
		fprintf(out, " of %zu, at %s", card->others + 1,
			format_duration(when, moment(card->oom->at.us, start)));
	}
	if (card->fate.end == CARD_WENT_ON)
		fputs(", and it went on", out);
	else if (card->fate.end == CARD_OUTLIVED)
		fprintf(out, ", which was caught; what ended the process was %s",
			card->fate.exception);
}

static void print_one(FILE *out, const struct profile *p, const struct growth *g,
		      const struct card *card, int64_t start, const struct profile_oom *first)
{
	char sentence[CARD_WORDS], name[GROWTH_NAME];
	const struct card_verdict *v = &card->verdict;
	card_say(sentence, &card->facts, v, card_place(name, g, card), start);
	char *shown = text_printable(card_after_cause(sentence, v));
	print_head(out, p, card, start, first);
	fprintf(out, " (%s%s). %s\n", card_cause_name(v->cause),
		v->sure || v->cause == CARD_CANNOT_TELL ? "" : ", likely", shown ? shown : "");
	free(shown);
}

int card_print(FILE *out, const struct profile *p, const struct growth *g, int64_t start)
{
	enum { MOST = 16 };
	const struct profile_oom *ranks[CARD_RANKS];
	size_t n = card_ranks(p, ranks);
	for (size_t i = 0; i < n && i < MOST; i++) {
		struct card card;
		int r = i == 0 ? card_open(&card, p, g) : card_open_of(&card, p, g, ranks[i]);
		if (r < 0)
			return r;
		print_one(out, p, g, &card, start, ranks[0]);
		card_close(&card);
	}
	if (n > MOST)
		fprintf(out, "… and for %zu more processes: report --json\n", n - MOST);
	return 0;
}

/* ---- the bills ---- */

struct table {
	FILE *out;
	const char *indent;
	int64_t start;
	struct card_bill bills[SIDE_BY_SIDE];
	size_t n, hidden;
};

static void print_name(const struct table *t, const char *name)
{
	fprintf(t->out, "%s%-*s", t->indent, NAME, name);
}

static void print_figure(const struct table *t, bool known, int64_t umib)
{
	if (known)
		fprintf(t->out, "%*.1f", COLUMN, sample_mib(umib));
	else
		fprintf(t->out, "%*s", COLUMN, "?");
}

static void print_columns(const struct table *t)
{
	char text[64];
	fprintf(t->out, "%sWhat held the card when it had no memory left, in MiB\n", t->indent);
	print_name(t, "");
	for (size_t i = 0; i < t->n; i++) {
		snprintf(text, sizeof text, "GPU %.8s", t->bills[i].of->device);
		fprintf(t->out, "%*s", COLUMN, text);
	}
	fputc('\n', t->out);
	print_name(t, "");
	for (size_t i = 0; t->n > 1 && i < t->n; i++) {
		snprintf(text, sizeof text, "pid %d", (int)t->bills[i].of->pid);
		fprintf(t->out, "%*s", COLUMN, text);
	}
	if (t->n > 1) {
		fputc('\n', t->out);
		print_name(t, "");
	}
	for (size_t i = 0; i < t->n; i++) {
		snprintf(text, sizeof text, "at %.2f s", moment(t->bills[i].of->at.us, t->start));
		fprintf(t->out, "%*s", COLUMN, text);
	}
	fputc('\n', t->out);
}

/* A row that is nowhere, or nothing everywhere, is left out; "free" never is. */
static void print_row(const struct table *t, enum card_row row)
{
	bool any = row == CARD_ROW_FREE;
	for (size_t i = 0; i < t->n; i++)
		any |= t->bills[i].rows[row].there && t->bills[i].rows[row].umib != 0;
	if (!any)
		return;
	print_name(t, card_row_name(row));
	for (size_t i = 0; i < t->n; i++) {
		const bool there = t->bills[i].rows[row].there;
		if (there || row == CARD_ROW_FREE)
			print_figure(t, there && t->bills[i].rows[row].umib >= 0,
				     t->bills[i].rows[row].umib);
		else
			fprintf(t->out, "%*s", COLUMN, "");
	}
	fputc('\n', t->out);
}

static void print_sums(const struct table *t)
{
	bool bounded = false;
	print_name(t, "all of the card");
	for (size_t i = 0; i < t->n; i++) {
		print_figure(t, true, t->bills[i].total);
		bounded |= t->bills[i].allowed > 0;
	}
	fputc('\n', t->out);
	if (bounded)
		print_name(t, "allowed of it");
	for (size_t i = 0; bounded && i < t->n; i++)
		print_figure(t, true,
			     t->bills[i].allowed > 0 ? t->bills[i].allowed : t->bills[i].total);
	fputs(bounded ? "\n" : "", t->out);
	print_name(t, "wanted beside that");
	for (size_t i = 0; i < t->n; i++)
		print_figure(t, t->bills[i].of->at.umib >= 0, t->bills[i].of->at.umib);
	fputc('\n', t->out);
}

static void print_neighbours(const struct table *t, const struct card_bill *bill)
{
	const struct profile_oom *oom = bill->of;
	bool any = false;
	for (size_t i = 0; i < oom->n_owed; i++) {
		if (card_class_of(oom->owed[i].class) != CARD_OWED_NEIGHBOUR ||
		    oom->owed[i].umib == 0)
			continue;
		char *whom = text_printable(oom->owed[i].whom), figure[FORMAT_SIZE] = "?";
		if (oom->owed[i].umib >= 0)
			format_memory(figure, sample_mib(oom->owed[i].umib));
		if (any)
			fprintf(t->out, ", %s %s", whom ? whom : "?", figure);
		else
			fprintf(t->out, "%sOther processes on GPU %s: %s %s", t->indent,
				oom->device, whom ? whom : "?", figure);
		any = true;
		free(whom);
	}
	fputs(any ? "\n" : "", t->out);
}

static void print_notes(const struct table *t, const struct card_bill *bill)
{
	char text[FORMAT_SIZE];
	print_neighbours(t, bill);
	if (bill->age > 0)
		fprintf(t->out, "%sIt failed %s later; then no bill was made so soon again.\n",
			t->indent, format_duration(text, sample_seconds(bill->age)));
	if (bill->cut)
		fprintf(t->out,
			"%sThere was no time to look at all: weights, gradients, optimizer's state "
			"and buffers are at least that, activations at most.\n",
			t->indent);
	if (bill->over > 0)
		fprintf(t->out,
			"%sThat is %s more than the card has: not all of it can lie there.\n",
			t->indent, format_memory(text, sample_mib(bill->over)));
}

void card_print_bills(FILE *out, const struct profile *p, int64_t start, const char *indent)
{
	const struct profile_oom *ranks[CARD_RANKS];
	struct table t = { .out = out, .indent = indent, .start = start };
	size_t n = card_ranks(p, ranks);
	for (size_t i = 0; i < n; i++) {
		struct card_bill bill;
		if (!card_bill_make(&bill, p, ranks[i]))
			continue;
		if (t.n < SIDE_BY_SIDE)
			t.bills[t.n++] = bill;
		else
			t.hidden++;
	}
	if (t.n == 0)
		return;
	print_columns(&t);
	for (int row = 0; row < N_CARD_ROWS; row++)
		print_row(&t, (enum card_row)row);
	print_sums(&t);
	for (size_t i = 0; i < t.n; i++)
		print_notes(&t, &t.bills[i]);
	if (card_is_driver_silent(p))
		fprintf(out,
			"%sThe driver did not answer: what the process held beside its pool, and "
			"others did, is not told.\n",
			indent);
	if (t.hidden > 0)
		fprintf(out, "%s… and of %zu more processes: report --json\n", indent, t.hidden);
}
