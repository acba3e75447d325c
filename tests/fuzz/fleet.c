/* Many recordings in one: whatever a file holds, its members hold together, what is told of them is
 * one sentence, and put together once more no peak has changed. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "share/fleet/each.h"
#include "share/fleet/put.h"
#include "share/fleet/ranks.h"
#include "tests/fuzz/fuzz.h"

enum { COLUMNS = 16 };

static const struct fleet_wish wish = { .columns = COLUMNS, .growth = true, .marks = true };

static void check_member(const struct fleet_member *m)
{
	PROMISE(m->n_points <= COLUMNS && m->from <= m->to);
	PROMISE(m->rank >= -1 && m->restart >= 0 && m->n_grown <= 8);
	for (size_t i = 0; i < m->n_points; i++) {
		const struct fleet_point *p = &m->points[i];
		PROMISE(i == 0 || p[-1].us <= p->us);
		PROMISE(p->least <= p->umib && p->first <= p->umib && p->last <= p->umib);
	}
}

static void check_ranks(const struct fleet *fleet)
{
	struct fleet_ranks ranks;
	char sentence[FLEET_SENTENCE];
	PROMISE(fleet_ranks_make(&ranks, fleet) == 0);
	PROMISE(strlen(fleet_ranks_say(sentence, &ranks)) > 0);
	for (size_t i = 1; i < fleet->n; i++) {
		const struct fleet_member *above = &fleet->members[ranks.by_peak[i - 1]];
		const struct fleet_member *below = &fleet->members[ranks.by_peak[i]];
		PROMISE(below->known == KNOWN_UNKNOWN ||
			(above->known != KNOWN_UNKNOWN &&
			 above->highest.umib >= below->highest.umib));
	}
	fleet_ranks_free(&ranks);
}

static int store_it(void *context, struct fleet_member *member)
{
	return store_add(context, member);
}

static void merge(const char *path, const char *to)
{
	struct store store;
	struct unread unread = { 0 };
	struct put_told told;
	const struct member_sink sink = { store_it, &store };
	PROMISE(store_open(&store, "/tmp/merged") == 0);
	PROMISE(fleet_each(&path, 1, &wish, &sink, NULL, &unread) == 0);
	store_sort(&store);
	FILE *out = fopen(to, "w");
	PROMISE(out);
	PROMISE(fleet_put(out, &store, COLUMNS, &told) == 0 && told.members == store.n);
	PROMISE(fclose(out) == 0);
	store_close(&store);
	free(unread.first);
	free(unread.cut);
}

static void check_again(const struct fleet *fleet, const char *path, const char *to)
{
	struct fleet again;
	merge(path, to);
	PROMISE(fleet_read(&again, &to, 1, &wish) == 0);
	PROMISE(again.n == fleet->n);
	for (size_t i = 0; i < fleet->n; i++) {
		PROMISE(again.members[i].rank == fleet->members[i].rank);
		PROMISE(again.members[i].highest.umib == fleet->members[i].highest.umib);
		PROMISE(again.members[i].n_marks == fleet->members[i].n_marks);
		PROMISE(again.members[i].n_points == fleet->members[i].n_points);
	}
	fleet_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet fleet;
	char path[64], to[64];
	const char *paths[] = { path };
	int fd = memfd_create("fleet", MFD_CLOEXEC), other = memfd_create("again", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	snprintf(to, sizeof to, "/proc/self/fd/%d", other);
	PROMISE(write(fd, data, size) == (ssize_t)size);
	PROMISE(fleet_read(&fleet, paths, 1, &wish) == 0 || (size > 1 && data[0] == 0x1f));
	for (size_t i = 0; i < fleet.n; i++)
		check_member(&fleet.members[i]);
	if (fleet.n > 0) {
		check_ranks(&fleet);
		check_again(&fleet, path, to);
	}
	fleet_free(&fleet);
	close(fd);
	close(other);
	return 0;
}
