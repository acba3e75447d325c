#include "recorder/library/store.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static const size_t STEP = 1 << 16,      /* samples taken into use at once: 1 MiB */
	MOST_RESERVED = (size_t)1 << 30, /* 16 GiB of addresses: 12 days at 1 kHz */
	LEAST_RESERVED = (size_t)1 << 16;

/* ---- memory ---- */

/* Addresses cost nothing unless they are limited: then a small part of them is taken. */
static size_t wanted_room(void)
{
	struct rlimit limit;
	size_t room = SIZE_MAX / 64 < MOST_RESERVED ? LEAST_RESERVED * 64 : MOST_RESERVED;
	if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return room;
	while (room > LEAST_RESERVED && room * sizeof(struct mprof_sample) > limit.rlim_cur / 64)
		room /= 2;
	return room;
}

static void *reserve(size_t room)
{
	void *memory = mmap(NULL, room * sizeof(struct mprof_sample), PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	/* A huge page would count in full in what we measure. */
	madvise(memory, room * sizeof(struct mprof_sample), MADV_NOHUGEPAGE);
	return memory;
}

int store_open(struct store *s, size_t most, bool ring)
{
	*s = (struct store){ .most = most, .ring = ring, .bucket = 1 };
	if (most > SIZE_MAX / sizeof *s->samples / 2)
		return -ENOMEM;
	s->room = most ? most : wanted_room();
	s->samples = reserve(s->room);
	while (!s->samples && !most && s->room > LEAST_RESERVED)
		s->samples = reserve(s->room /= 2);
	return s->samples ? 0 : -ENOMEM;
}

static bool commit(struct store *s)
{
	size_t more = s->room - s->committed < STEP ? s->room - s->committed : STEP;
	if (more == 0 || mprotect(s->samples + s->committed, more * sizeof *s->samples,
				  PROT_READ | PROT_WRITE) < 0)
		return false;
	s->committed += more;
	return true;
}

void store_close(struct store *s)
{
	if (s->samples)
		munmap(s->samples, s->room * sizeof *s->samples);
	*s = (struct store){ 0 };
}

/* ---- thinning ---- */

/* The lowest and the highest of n, in the order of their time: one or two are written. */
static size_t extremes(const struct mprof_sample *from, size_t n, struct mprof_sample *out)
{
	size_t low = 0, high = 0;
	for (size_t i = 1; i < n; i++) {
		low = from[i].bytes < from[low].bytes ? i : low;
		high = from[i].bytes > from[high].bytes ? i : high;
	}
	struct mprof_sample first = from[low < high ? low : high],
			    second = from[low < high ? high : low];
	out[0] = first;
	if (low != high)
		out[1] = second;
	return low == high ? 1 : 2;
}

/* Two of four stay. So does the first of all, which is the baseline. */
static void thin(struct store *s)
{
	size_t kept = 1, at = 1;
	for (; at + 4 <= s->n; at += 4)
		kept += extremes(&s->samples[at], 4, &s->samples[kept]);
	while (at < s->n)
		s->samples[kept++] = s->samples[at++];
	s->n = kept;
	s->bucket = s->bucket == 1 ? 4 : s->bucket * 2;
}

/* ---- adding ---- */

static void append(struct store *s, struct mprof_sample sample)
{
	if (s->most && s->n == s->most)
		thin(s);
	if (s->n == s->committed && !commit(s)) {
		s->full = true;
		return;
	}
	s->samples[s->n++] = sample;
}

static void turn(struct store *s, struct mprof_sample sample)
{
	s->samples[s->oldest] = sample;
	s->oldest = (s->oldest + 1) % s->most;
}

/* What a bucket comes to: its lowest, its highest and, when it is the end, the very last. */
static size_t sum_up(const struct store *s, bool end, struct mprof_sample out[3])
{
	bool low_first = s->low.seconds < s->high.seconds;
	size_t n = 0;
	if (s->bucket == 1)
		return 0;
	if (s->waiting > 0)
		out[n++] = low_first ? s->low : s->high;
	if (s->waiting > 0 && s->low.seconds != s->high.seconds)
		out[n++] = low_first ? s->high : s->low;
	if (end && s->last.seconds > (n > 0 ? out[n - 1] : s->samples[s->n - 1]).seconds)
		out[n++] = s->last;
	return n;
}

static void empty_bucket(struct store *s, bool end)
{
	struct mprof_sample out[3];
	size_t n = sum_up(s, end, out);
	s->waiting = 0;
	for (size_t i = 0; i < n; i++)
		append(s, out[i]);
}

static void fill_bucket(struct store *s, struct mprof_sample sample)
{
	if (s->waiting == 0 || sample.bytes < s->low.bytes)
		s->low = sample;
	if (s->waiting == 0 || sample.bytes > s->high.bytes)
		s->high = sample;
	s->last = sample;
	if (++s->waiting == s->bucket)
		empty_bucket(s, false);
}

void store_add(struct store *s, struct mprof_sample sample)
{
	if (s->ring && s->n == s->most)
		turn(s, sample);
	else if (s->bucket > 1)
		fill_bucket(s, sample);
	else
		append(s, sample);
}

/* ---- reading ---- */

size_t store_size(const struct store *s)
{
	return s->n + 3;
}

size_t store_copy(const struct store *s, struct mprof_sample *out)
{
	size_t tail = s->n - s->oldest;
	if (s->n == 0)
		return 0;
	memcpy(out, s->samples + s->oldest, tail * sizeof *out);
	memcpy(out + tail, s->samples, s->oldest * sizeof *out);
	return s->n + sum_up(s, true, out + s->n);
}

static void reverse(struct mprof_sample *samples, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct mprof_sample other = samples[i];
		samples[i] = samples[n - 1 - i];
		samples[n - 1 - i] = other;
	}
}

void store_settle(struct store *s)
{
	empty_bucket(s, true);
	if (s->oldest == 0)
		return;
	/* The ring is turned in place. */
	reverse(s->samples, s->oldest);
	reverse(s->samples + s->oldest, s->n - s->oldest);
	reverse(s->samples, s->n);
	s->oldest = 0;
}
