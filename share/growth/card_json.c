/* Failures of GPUs, for programs. */
#include "share/growth/card_print.h"
#include "share/json.h"

struct printing {
	FILE *out;
	const struct profile *profile;
	const struct growth *growth;
	int64_t start;
};

static void put_mib(FILE *out, const char *name, int64_t umib)
{
	if (umib < 0)
		fprintf(out, "\"%s\": null", name);
	else
		fprintf(out, "\"%s\": %.6f", name, sample_mib(umib));
}

static void put_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\": ", name);
	json_text_or_null(out, text);
}

static void put_bill(const struct printing *p, const struct profile_oom *oom)
{
	struct card_bill bill;
	if (!card_bill_make(&bill, p->profile, oom)) {
		fputs("\"bill\": null", p->out);
		return;
	}
	fputs("\"bill\": {", p->out);
	put_mib(p->out, "total_mib", bill.total);
	fputs(", ", p->out);
	put_mib(p->out, "allowed_mib", bill.allowed > 0 ? bill.allowed : bill.total);
	fprintf(p->out, ", \"before_s\": %.6f, \"whole\": %s, \"over_mib\": %.6f, \"rows\": {",
		sample_seconds(bill.age), bill.cut ? "false" : "true", sample_mib(bill.over));
	bool first = true;
	for (int row = 0; row < N_CARD_ROWS; row++) {
		if (!bill.rows[row].there)
			continue;
		fputs(first ? "" : ", ", p->out);
		put_mib(p->out, card_row_key((enum card_row)row), bill.rows[row].umib);
		first = false;
	}
	fputs("}}", p->out);
}

static const char *key_of(enum card_end end)
{
	static const char *const keys[] = {
		[CARD_DIED] = "died",
		[CARD_MAY_HAVE_DIED] = "may-have-died",
		[CARD_OUTLIVED] = "outlived",
		[CARD_WENT_ON] = "went-on",
		[CARD_PROGRAM_WENT_ON] = "program-went-on",
		[CARD_END_UNTOLD] = "unknown",
	};
	return keys[end];
}

static void put_card(const struct printing *p, const struct card *card)
{
	char sentence[CARD_WORDS], name[GROWTH_NAME];
	FILE *out = p->out;
	const struct profile_oom *oom = card->oom;
	const char *process = profile_name_of(p->profile, oom->pid);
	const char *place = card_place(name, p->growth, card);
	card_say(sentence, &card->facts, &card->verdict, place, p->start);
	fprintf(out, "{\"pid\": %d, ", (int)oom->pid);
	put_text(out, "process", *process ? process : NULL);
	fputs(", ", out);
	put_text(out, "device", oom->device);
	fprintf(out, ", \"at_s\": %.6f, ", sample_seconds(oom->at.us - p->start));
	put_text(out, "cause", card_cause_key(card->verdict.cause));
	fprintf(out, ", \"sure\": %s, \"end\": \"%s\", \"end_told\": %s, ",
		card->verdict.sure ? "true" : "false", key_of(card->fate.end),
		card->fate.told ? "true" : "false");
	put_text(out, "exception", card->fate.exception);
	fputs(", ", out);
	put_text(out, "at", place);
	fputs(", ", out);
	put_mib(out, "wanted_mib", oom->at.umib);
	fputs(",\n      ", out);
	put_text(out, "words", sentence);
	fputs(",\n      ", out);
	put_bill(p, oom);
	fputc('}', out);
}

int card_print_json(FILE *out, const struct profile *profile, const struct growth *growth,
		    int64_t start)
{
	const struct profile_oom *ranks[CARD_RANKS];
	const struct printing p = { out, profile, growth, start };
	size_t n = card_ranks(profile, ranks);
	fputs(n > 0 ? "[" : "null", out);
	for (size_t i = 0; i < n; i++) {
		struct card card;
		int r = card_open_of(&card, profile, growth, ranks[i]);
		if (r < 0)
			return r;
		fputs(i > 0 ? ",\n    " : "\n    ", out);
		put_card(&p, &card);
		card_close(&card);
	}
	fputs(n > 0 ? "\n  ]" : "", out);
	return 0;
}
