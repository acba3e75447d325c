/* A snapshot of torch, for people. */
#include <stdio.h>
#include <stdlib.h>

#include "share/format.h"
#include "share/profile/sum.h"
#include "share/snapshot/print.h"
#include "share/text.h"

static double mib(int64_t bytes)
{
	return (double)bytes / 0x1p20;
}

static char *format_bytes(char out[FORMAT_SIZE], int64_t bytes)
{
	return format_memory(out, mib(bytes));
}

/* ---- first of all ---- */

static void print_title(const struct snapshot *s, const char *path)
{
	char *shown = text_printable(path);
	size_t devices = 0;
	for (size_t i = 0; i < SNAPSHOT_DEVICES; i++)
		devices += s->devices[i].seen;
	printf("Memory snapshot of torch: %s, %zu device%s, %zu event%s of history\n",
	       shown ? shown : path, devices, devices == 1 ? "" : "s", s->n_events,
	       s->n_events == 1 ? "" : "s");
	free(shown);
}

static void print_now(const struct device *d)
{
	char reserved[FORMAT_SIZE], allocated[FORMAT_SIZE], some[FORMAT_SIZE], most[FORMAT_SIZE];
	printf("%s reserved in %zu segment%s: %s allocated in %zu block%s",
	       format_bytes(reserved, d->reserved), d->segments, d->segments == 1 ? "" : "s",
	       format_bytes(allocated, d->allocated), d->blocks, d->blocks == 1 ? "" : "s");
	if (d->awaiting > 0)
		printf(", %s freed that a stream may still use", format_bytes(some, d->awaiting));
	printf(", %s unused", format_bytes(some, d->unused));
	if (d->unuseds > 0)
		printf(" in %zu, the largest of them %s", d->unuseds,
		       format_bytes(most, d->largest_unused));
	putchar('\n');
	if (d->private > 0)
		printf("  %s of it in pools of their own (CUDA graphs, MemPool), which nothing "
		       "else may "
		       "use\n",
		       format_bytes(some, d->private));
}

/* ", 1.25 s into the history", or nothing where the time was not told. */
static void print_moment(const struct device *d, int64_t us)
{
	char moment[FORMAT_SIZE];
	if (us >= d->first_us && d->first_us > 0)
		printf(", %s into the history",
		       format_duration(moment, (double)(us - d->first_us) / 1e6));
}

static void print_peak(const struct device *d)
{
	char peak[FORMAT_SIZE], reserved[FORMAT_SIZE], start[FORMAT_SIZE];
	if (!device_has_history(d))
		return;
	printf("  peak %s asked for", format_bytes(peak, sum_of(device_start(d), d->most)));
	if (d->most > 0)
		print_moment(d, d->most_us);
	printf("; %s when it began; the most that was reserved is %s\n",
	       format_bytes(start, device_start(d)),
	       format_bytes(reserved, sum_of(device_start_reserved(d), d->most_reserved)));
}

/* Where it has not been done. */
static void print_pieces(const struct snapshot *s, const struct device *d)
{
	if (!snapshot_was_in_pieces(d))
		return;
	fputs("  more than that was unused then, but in pieces, or in another pool or stream",
	      stdout);
	puts(s->expandable ? ""
			   : ": PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True keeps it whole");
}

static void print_oom(const struct rows *rows, const struct device *d)
{
	char wanted[FORMAT_SIZE], asked[FORMAT_SIZE], reserved[FORMAT_SIZE], free_then[FORMAT_SIZE];
	char name[ROWS_NAME];
	const struct device_oom *oom = &d->oom;
	if (d->ooms == 0)
		return;
	printf("  out of memory%s: %s wanted", d->ooms > 1 ? ", the last time" : "",
	       format_bytes(wanted, oom->wanted));
	if (oom->free >= 0)
		printf(", %s free on the device", format_bytes(free_then, oom->free));
	printf(", %s asked for and %s reserved then", format_bytes(asked, device_at_oom(d)),
	       format_bytes(reserved, device_reserved_at_oom(d)));
	print_moment(d, oom->us);
	if (oom->place) {
		struct rows by_line = *rows;
		by_line.by = ROWS_BY_LINE;
		uint32_t frame = rows->snapshot->places.places[oom->place].frame;
		char *shown = text_printable(rows_name(name, &by_line, frame));
		printf(", in %s", shown ? shown : name);
		free(shown);
	}
	if (d->ooms > 1)
		printf("; %zu in all", d->ooms);
	putchar('\n');
	print_pieces(rows->snapshot, d);
}

/* ---- the tables ---- */

static void print_row(const struct rows *rows, int64_t at_peak, int64_t now, const char *name)
{
	double share = rows->peak > 0 ? 100.0 * (double)at_peak / (double)rows->peak : 0;
	printf("%11.1f %6.1f%% %11.1f  %s\n", mib(at_peak), share, mib(now), name);
}

static void print_rest(const struct rows *rows, const struct device *d)
{
	int64_t now = d->n_places ? d->places[0].now : 0;
	int64_t told = d->n_places && d->places[0].told > 0 ? d->places[0].told : 0;
	int64_t before = now > told ? now - told : 0;
	if (rows->before > 0 || before > 0)
		print_row(rows, rows->before, before,
			  device_has_history(d) ? "(no stack: older than the history)"
						: "(no stack)");
	if (rows->without > 0 || now - before > 0)
		print_row(rows, rows->without, now - before,
			  "(no stack: no Python was running, as in torch's own threads)");
}

static void print_rows(const struct rows *rows, const struct device *d,
		       const struct snapshot_wish *wish)
{
	char name[ROWS_NAME];
	puts("   peak MiB   share     now MiB");
	for (size_t i = 0; i < rows->n && i < wish->top; i++) {
		char *shown = text_printable(rows_name(name, rows, rows->rows[i].frame));
		print_row(rows, rows->rows[i].at_peak, rows->rows[i].now, shown ? shown : name);
		free(shown);
	}
	if (rows->n > wish->top)
		printf("%*s… and %zu more\n", 33, "", rows->n - wish->top);
	print_rest(rows, d);
	print_row(rows, rows->peak, d->requested, "in all");
}

/* What has no stack is in none of them. */
static void print_deeds(const struct rows *rows, const struct device *d)
{
	char size[FORMAT_SIZE];
	const char *between = device_has_history(d) ? "  of the peak, by what was under way: "
						    : "  of it, by what was under way: ";
	int64_t untold = sum_of(rows->without, rows->before);
	for (int i = 0; i < N_PLACES_DEEDS; i++) {
		if (rows->deeds_at_peak[i] == 0)
			continue;
		printf("%s%s %s", between, snapshot_deed((enum places_deed)i),
		       format_bytes(size, rows->deeds_at_peak[i]));
		between = ", ";
	}
	if (untold > 0)
		printf("%sno stack tells %s", between, format_bytes(size, untold));
	putchar('\n');
}

static int print_device(const struct snapshot *s, size_t i, const struct snapshot_wish *wish)
{
	const struct device *d = &s->devices[i];
	struct rows rows;
	int r = rows_make(&rows, s, d, wish->by);
	if (r < 0)
		return r;
	printf("\nGPU %zu: ", i);
	print_now(d);
	print_peak(d);
	print_oom(&rows, d);
	if (rows.n > 0) {
		print_deeds(&rows, d);
		puts(device_has_history(d) ? "\nHeld at the peak, and now, by your own code"
					   : "\nHeld now, by your own code");
		print_rows(&rows, d, wish);
	}
	rows_free(&rows);
	return 0;
}

int snapshot_print_text(const struct snapshot *s, const char *path,
			const struct snapshot_wish *wish)
{
	const char *notes[SNAPSHOT_NOTES];
	int r = 0;
	print_title(s, path);
	for (size_t i = 0; r == 0 && i < SNAPSHOT_DEVICES; i++)
		r = s->devices[i].seen ? print_device(s, i, wish) : 0;
	snapshot_notes(s, notes);
	putchar('\n');
	for (size_t i = 0; notes[i]; i++)
		puts(notes[i]);
	return r;
}
