#include "share/commands/peak_bill.h"

#include <stdio.h>
#include <string.h>

#include "share/format.h"
#include "share/profile/profile.h"

enum { WIDE = 14 };

static double seconds(const struct profile *p, const struct bill *bill)
{
	double s = sample_seconds(bill->us - p->start_us);
	return s > 0 ? s : 0;
}

/* ---- text ---- */

static void print_column(double mib)
{
	printf("%*.3f MiB", WIDE - 4, mib);
}

static void print_row(const char *name, int64_t first, int64_t second, bool both, const char *means)
{
	printf("    %-26s", name);
	print_column(sample_mib(first));
	if (both)
		print_column(sample_mib(second));
	printf("  %s\n", means);
}

static void print_head(const struct profile *p, const struct bill *first, const struct bill *last,
		       bool both)
{
	char when[32];
	snprintf(when, sizeof when, "at %.2f s", seconds(p, first));
	printf("  %-28s%*s", "what it consisted of", WIDE, when);
	snprintf(when, sizeof when, "at %.2f s", seconds(p, last));
	if (both)
		printf("%*s", WIDE, when);
	puts("");
}

/* What the sums may lack: the nearest bill to the peak may be of another moment, and one that was
 * taken while the program grew of none. */
static void print_distance(const struct profile *p, bool both)
{
	char when[48];
	const struct bill *first = &p->bills.highest, *last = &p->bills.last;
	const struct sample *peak = &p->memory.peak;
	double later = sample_seconds(peak->us - first->us);
	if (!bill_is_whole(first) || !bill_is_whole(last))
		print_row(bill_names[BILL_OFF], first->umib[BILL_OFF], last->umib[BILL_OFF], both,
			  bill_meanings[BILL_OFF]);
	snprintf(when, sizeof when, "%.2f s %s", later < 0 ? -later : later,
		 later < 0 ? "earlier" : "later");
	if (later != 0)
		print_row("the peak was", peak->umib, 0, false, when);
}

static void print_table(const struct profile *p)
{
	const struct profile_bills *b = &p->bills;
	const struct bill *first = &b->highest, *last = &b->last;
	bool both = first->us != last->us;
	struct bill most = { 0 };
	enum bill_class sorted[BILL_CLASSES];
	for (size_t i = 0; i < BILL_CLASSES; i++)
		most.umib[i] = first->umib[i] > last->umib[i] ? first->umib[i] : last->umib[i];
	most.umib[BILL_OFF] = 0;
	size_t n = bill_sort(&most, sorted);
	print_head(p, first, last, both);
	for (size_t i = 0; i < n; i++)
		print_row(bill_names[sorted[i]], first->umib[sorted[i]], last->umib[sorted[i]],
			  both, bill_meanings[sorted[i]]);
	print_row("together", bill_total(first), bill_total(last), both, "");
	print_distance(p, both);
}

static void print_odd(const struct profile *p, const struct bill *bill)
{
	char part[FORMAT_SIZE], all[FORMAT_SIZE];
	int64_t umib;
	enum bill_odd odd = bill_odd(bill, &umib);
	if (odd == BILL_PLAIN)
		return;
	format_memory(part, sample_mib(umib));
	format_memory(all, sample_mib(bill_total(bill)));
	printf("  at %.2f s, %s of %s %s\n", seconds(p, bill), part, all, bill_advice(odd));
}

/* Of a file of ours in which there could be one. */
static void print_none(const struct profile *p)
{
	const char *why = profile_setting(p, "bill"), *metric = profile_setting(p, "metric");
	if (why && strcmp(why, "refused") == 0)
		puts("  what it consisted of          not known: the program's maps may not be "
		     "read");
	else if (why || (metric && strcmp(metric, "rss") == 0))
		puts("  what it consisted of          not recorded: -b bill does");
}

void peak_print_bill(const struct profile *p)
{
	const struct profile_bills *b = &p->bills;
	int64_t umib;
	if (b->taken == 0) {
		print_none(p);
		return;
	}
	print_table(p);
	print_odd(p, &b->highest);
	if (bill_odd(&b->last, &umib) != bill_odd(&b->highest, &umib))
		print_odd(p, &b->last);
}

/* ---- JSON ---- */

static void put_bill(const struct profile *p, const char *name, const struct bill *bill)
{
	int64_t umib;
	enum bill_odd odd = bill_odd(bill, &umib);
	printf("\"%s\": {\"seconds\": %.6f, \"mib\": %.6f, \"classes\": {", name, seconds(p, bill),
	       sample_mib(bill_total(bill)));
	bool first = true;
	for (size_t i = 0; i < BILL_CLASSES; i++) {
		if (bill->umib[i] <= 0 || i == BILL_OFF)
			continue;
		printf("%s\"%s\": %.6f", first ? "" : ", ", bill_words[i],
		       sample_mib(bill->umib[i]));
		first = false;
	}
	printf("}, \"off_mib\": %.6f, \"before_peak_s\": %.6f, \"odd\": %s%s%s}",
	       sample_mib(bill->umib[BILL_OFF]), sample_seconds(p->memory.peak.us - bill->us),
	       odd ? "\"" : "", odd ? bill_odd_word(odd) : "null", odd ? "\"" : "");
}

void peak_print_bill_json(const struct profile *p)
{
	fputs(", \"bill\": ", stdout);
	if (p->bills.taken == 0) {
		fputs("null", stdout);
		return;
	}
	putchar('{');
	put_bill(p, "peak", &p->bills.highest);
	fputs(", ", stdout);
	put_bill(p, "end", &p->bills.last);
	putchar('}');
}
