#include "share/profile/scan.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tests/check.h"

enum { LINES = 2000 };

struct text {
	char bytes[LINES * 64 + 2 * PROFILE_SCAN_SLACK];
	size_t used;
	struct sample expected[LINES];
	size_t n;
};

static struct text *new_text(void)
{
	struct text *text = calloc(1, sizeof *text);
	text->used = PROFILE_SCAN_SLACK;
	return text;
}

static void add_line(struct text *text, int64_t umib, int64_t us, bool short_time)
{
	us -= short_time ? us % 100 : 0;
	text->used +=
		(size_t)sprintf(text->bytes + text->used,
				"MEM %" PRId64 ".%06" PRId64 " %" PRId64 ".%0*" PRId64 "\n",
				umib / 1000000, umib % 1000000, us / 1000000, short_time ? 4 : 6,
				short_time ? us % 1000000 / 100 : us % 1000000);
	text->expected[text->n++] = (struct sample){ us, umib };
}

static void scan_all(profile_scanner *scan, const struct text *text)
{
	static struct sample got[LINES];
	const char *at = text->bytes + PROFILE_SCAN_SLACK, *end = text->bytes + text->used;
	size_t n = 0;
	while (n < text->n && at < end) {
		size_t found = scan(&at, end, got + n, text->n - n);
		if (found == 0)
			break;
		n += found;
	}
	CHECK_INT(n, text->n);
	for (size_t i = 0; i < n; i++)
		if (got[i].us != text->expected[i].us || got[i].umib != text->expected[i].umib) {
			CHECK_INT(got[i].us, text->expected[i].us);
			CHECK_INT(got[i].umib, text->expected[i].umib);
			return;
		}
}

static profile_scanner *scanners[3] = { profile_scan_portable };

static void every_length_of_line_is_read(void)
{
	for (int short_time = 0; short_time < 2; short_time++) {
		struct text *text = new_text();
		srand(3);
		for (size_t i = 0; i < LINES; i++) {
			int64_t most = 10;
			for (int digits = rand() % 13; digits > 0; digits--)
				most *= 10;
			add_line(text,
				 (int64_t)(((uint64_t)rand() << 31 | (uint64_t)rand()) %
					   (uint64_t)most),
				 1700000000000000 + rand() % 100000000, short_time);
		}
		for (size_t i = 0; scanners[i]; i++)
			scan_all(scanners[i], text);
		free(text);
	}
}

/* A damaged line is either not taken, or was still a line of that shape with another digit in it.
 */
static void no_damaged_line_is_taken(void)
{
	static const char others[] = "/:. \n-x\x80";
	for (size_t k = 0; scanners[k]; k++)
		for (int short_time = 0; short_time < 2; short_time++)
			for (size_t at = 0; at < 29; at++)
				for (size_t o = 0; o < sizeof others - 1; o++) {
					struct text *text = new_text();
					struct sample got[4];
					add_line(text, 12345678, 1712345678901234, short_time);
					char *byte = text->bytes + PROFILE_SCAN_SLACK + at;
					bool same = *byte == others[o];
					*byte = others[o];
					const char *from = text->bytes + PROFILE_SCAN_SLACK;
					size_t n = scanners[k](&from, text->bytes + text->used, got,
							       4);
					if (!same && text->bytes + PROFILE_SCAN_SLACK + at <
							     text->bytes + text->used - 1)
						CHECK_INT(n, 0);
					free(text);
				}
}

static void an_unended_line_is_left(void)
{
	for (size_t k = 0; scanners[k]; k++) {
		struct text *text = new_text();
		struct sample got[4];
		add_line(text, 1000000, 1712345678901234, false);
		add_line(text, 2000000, 1712345679901234, false);
		const char *at = text->bytes + PROFILE_SCAN_SLACK;
		CHECK_INT(scanners[k](&at, text->bytes + text->used - 1, got, 4), 1);
		CHECK(*at == 'M');
		free(text);
	}
}

int main(void)
{
#ifdef HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		scanners[1] = profile_scan_avx2;
#endif
	RUN(every_length_of_line_is_read);
	RUN(no_damaged_line_is_taken);
	RUN(an_unended_line_is_left);
	return DONE();
}
