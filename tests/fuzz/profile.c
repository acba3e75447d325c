/* The reader: any bytes are read to the end, the same whatever the pieces in which they come, and
 * loading them gives a profile that holds together. */
#include "share/profile/profile.h"
#include "share/commands/report.h"
#include "share/growth/names.h"
#include "share/growth/phases.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

struct pieces {
	const uint8_t *data;
	size_t size, at, piece;
};

static ssize_t read_piece(void *handle, void *buffer, size_t size)
{
	struct pieces *pieces = handle;
	size_t left = pieces->size - pieces->at, n = size < pieces->piece ? size : pieces->piece;
	n = n < left ? n : left;
	memcpy(buffer, pieces->data + pieces->at, n);
	pieces->at += n;
	return (ssize_t)n;
}

static void close_pieces(void *handle)
{
	(void)handle;
}

/* What was read, in one number. */
struct digest {
	uint64_t hash, samples, records;
};

static void stir(struct digest *digest, uint64_t value)
{
	digest->hash = (digest->hash ^ value) * 0x100000001b3 + (digest->hash >> 47);
}

static int take_samples(void *context, const struct sample *samples, size_t n)
{
	struct digest *digest = context;
	for (size_t i = 0; i < n; i++) {
		stir(digest, (uint64_t)samples[i].us);
		stir(digest, (uint64_t)samples[i].umib);
	}
	digest->samples += n;
	return 0;
}

static int take_record(void *context, const struct profile_record *record)
{
	struct digest *digest = context;
	stir(digest, (uint64_t)record->kind);
	stir(digest, (uint64_t)record->at.us + (uint64_t)record->pid);
	for (const char *c = record->text; c && *c; c++)
		stir(digest, (unsigned char)*c);
	digest->records++;
	return 0;
}

static struct digest read_in_pieces(const uint8_t *data, size_t size, size_t piece,
				    struct profile_flaws *flaws)
{
	struct pieces pieces = { .data = data, .size = size, .piece = piece };
	struct profile_input input = { .read = read_piece,
				       .close = close_pieces,
				       .handle = &pieces };
	struct profile_sink sink = { .samples = take_samples, .record = take_record };
	struct digest digest = { 0 };
	PROMISE(profile_read(&input, &sink, &digest, flaws) == 0);
	profile_close(&input);
	return digest;
}

static void check_reading(const uint8_t *data, size_t size)
{
	struct profile_flaws whole = { 0 }, parts = { 0 };
	struct digest a = read_in_pieces(data, size, size ? size : 1, &whole);
	struct digest b = read_in_pieces(data, size, size ? data[0] % 61 + 1 : 1, &parts);
	PROMISE(a.hash == b.hash && a.samples == b.samples && a.records == b.records);
	PROMISE(whole.malformed == parts.malformed && whole.lines == parts.lines);
	PROMISE(whole.first_malformed == parts.first_malformed && whole.cut == parts.cut);
	PROMISE(a.samples + a.records + whole.malformed <= whole.lines);
	PROMISE(whole.cut == (size > 0 && data[size - 1] != '\n'));
}

static void check_table(const struct growth *g, enum growth_by by, enum growth_to to)
{
	struct growth_table table;
	PROMISE(growth_table_make(&table, g, by, to) == 0);
	for (size_t i = 0; i < table.n; i++) {
		char name[GROWTH_NAME];
		size_t frame = table.rows[i].frame;
		PROMISE(frame < g->n_frames || frame == GROWTH_NOT_USERS);
		PROMISE(growth_name(name, g, &table.rows[i], by)[0] != '\0');
		PROMISE(i == 0 || table.rows[i - 1].grew >= table.rows[i].grew);
	}
	growth_table_free(&table);
}

static void check_growth(const struct profile *profile)
{
	char sentence[REPORT_SENTENCE];
	struct growth_phase phases[2 * GROWTH_PHASES + 1];
	struct report report;
	PROMISE(report_open(&report, profile, NULL) == 0);
	const struct growth *g = &report.growth;
	for (size_t i = 0; i < g->n_frames; i++)
		PROMISE(g->users[i] <= i);
	for (enum growth_by by = GROWTH_BY_LINE; by <= GROWTH_BY_THREAD; by++) {
		check_table(g, by, GROWTH_TO_USER);
		check_table(g, by, GROWTH_TO_INNERMOST);
	}
	int n = growth_phases(g, report.end, phases);
	size_t steps = 0;
	PROMISE(n >= 0 && n <= 2 * GROWTH_PHASES + 1);
	for (int i = 0; i < n; i++) {
		PROMISE(phases[i].first == steps && phases[i].end >= steps);
		steps = phases[i].end;
	}
	PROMISE(steps == g->n_steps);
	if (g->n_steps > 0)
		report_sentence(sentence, &report);
	report_close(&report);
}

static void check_loading(int fd, double from, double to)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct profile profile = { 0 };
	struct profile_wish wish = { .columns = 16, .from = from, .to = to };
	int r = profile_load(&profile, path, &wish);
	if (r == 0) {
		PROMISE(profile.memory.columns.n <= 16);
		for (size_t i = 0; i < profile.n_calls; i++)
			PROMISE(profile.calls[i].function < profile.n_functions);
		for (size_t i = 0; i < profile.n_entered; i++)
			PROMISE(profile.entered[i].function < profile.n_functions);
		for (size_t i = 0; i < profile.n_listings; i++)
			for (size_t k = 1; k < profile.listings[i].n_lines; k++)
				PROMISE(profile.listings[i].lines[k - 1].line <
					profile.listings[i].lines[k].line);
		const struct profile_growth *growth = &profile.growth;
		for (size_t i = 0; i < growth->n_steps; i++)
			PROMISE(growth->steps[i].frame < growth->n_frames);
		for (size_t i = 1; i < growth->n_frames; i++)
			PROMISE(growth->frames[i].caller < i &&
				growth->frames[i].path < growth->n_paths);
		check_growth(&profile);
		for (size_t i = 0; i < profile.n_children; i++)
			PROMISE(profile.children[i].series.columns.n <= 16);
	}
	profile_free(&profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_reading(data, size);
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		check_loading(fd, 0, 0);
		check_loading(fd, 0.5, 1.5);
	}
	close(fd);
	return 0;
}
