/* Memory snapshots of torch: whatever the pickle says, the figures stay within bounds, and both
 * ways of telling them come to an end. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "share/snapshot/print.h"
#include "tests/fuzz/fuzz.h"

struct source {
	const uint8_t *at;
	size_t left;
};

static ssize_t read_source(void *handle, void *buffer, size_t size)
{
	struct source *s = handle;
	size_t n = s->left < size ? s->left : size;
	n = n > 1000 ? 1000 : n;
	memcpy(buffer, s->at, n);
	s->at += n;
	s->left -= n;
	return (ssize_t)n;
}

/* What is printed goes nowhere; the harness goes on to speak where it did. */
static void print(const struct snapshot *s)
{
	static int nowhere = -1;
	const struct snapshot_wish wish = { ROWS_BY_LINE, 20 };
	if (nowhere < 0)
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fflush(stdout);
	int kept = dup(STDOUT_FILENO);
	PROMISE(nowhere >= 0 && kept >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0);
	PROMISE(snapshot_print_text(s, "a.pickle", &wish) == 0);
	PROMISE(snapshot_print_json(s, "a.pickle", &wish) == 0);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = { data, size };
	struct profile_input input = { .read = read_source, .handle = &source };
	struct snapshot *s = malloc(sizeof *s);
	PROMISE(s);
	int r = snapshot_read(s, &input, NULL);
	PROMISE(r <= 0);
	for (size_t i = 0; r == 0 && i < SNAPSHOT_DEVICES; i++) {
		const struct device *d = &s->devices[i];
		PROMISE(d->reserved >= 0 && d->largest_unused <= d->unused && d->most >= 0);
		PROMISE(device_start(d) >= 0 && d->ooms <= d->events);
	}
	if (r == 0)
		print(s);
	snapshot_free(s);
	free(s);
	return 0;
}
