#include <stdio.h>

#include "share/commands/list.h"
#include "share/commands/recording.h"
#include "share/json.h"
#include "share/profile/profile.h"

static void put_member(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	json_text_or_null(stdout, text);
}

static void put_number(const char *name, bool known, int value)
{
	if (known)
		printf(", \"%s\": %d", name, value);
	else
		printf(", \"%s\": null", name);
}

/* What is not known is null. */
static void put_end(const struct list_entry *e)
{
	bool known = e->ended && e->status != PROFILE_STATUS_UNKNOWN;
	printf(", \"ended\": %s", e->ended ? "true" : "false");
	put_number("status", known && e->status >= 0, e->status);
	put_number("signal", known && e->status < 0, -e->status);
	put_member("killed", e->killed);
	recording_put_near(e->near.held > 0 ? &e->near : NULL);
}

static void put_ranks(const struct list_ends *ends)
{
	if (ends->all == 0)
		return;
	printf(", \"recordings\": %zu, \"ends\": [", ends->all);
	for (size_t i = 0; i < sizeof ends->most / sizeof *ends->most && ends->most[i].n > 0; i++) {
		const struct list_end *one = &ends->most[i];
		bool known = one->status != PROFILE_STATUS_UNKNOWN;
		printf("%s{\"n\": %zu", i ? ", " : "", one->n);
		put_number("status", known && one->status >= 0, one->status);
		put_number("signal", known && one->status < 0, -one->status);
		putchar('}');
	}
	putchar(']');
}

static void put_figures(const struct list_entry *e)
{
	if (e->start_us > 0)
		printf(", \"start\": %.6f", sample_seconds(e->start_us));
	else
		fputs(", \"start\": null", stdout);
	printf(", \"samples\": %llu", (unsigned long long)e->samples);
	if (e->samples > 0)
		printf(", \"duration_s\": %.6f, \"sampled_peak_mib\": %.6f, \"peak_mib\": %.6f",
		       sample_seconds(e->length_us), sample_mib(e->sampled), e->peak);
	else
		fputs(", \"duration_s\": null, \"sampled_peak_mib\": null, \"peak_mib\": null",
		      stdout);
	put_member("known", e->samples > 0 ? known_key(e->known) : NULL);
	put_member("metric", e->metric);
}

static void put_entry(size_t index, const struct list_entry *e)
{
	printf("  {\"index\": %zu", index);
	put_member("profile", e->name);
	if (e->reason) {
		put_member("unreadable", e->reason);
	} else {
		put_figures(e);
		put_end(e);
		put_ranks(&e->ends);
		put_member("command", e->command);
	}
	putchar('}');
}

void list_print_json(const struct list_entry *entries, size_t n)
{
	putchar('[');
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		put_entry(i, &entries[i]);
	}
	puts(n ? "\n]" : "]");
}
