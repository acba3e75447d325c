#include "recorder/probes/threshold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/number.h"

enum { LONGEST_SIZE = 64 };

static int parse_size(const char *text, struct threshold *threshold)
{
	char size[LONGEST_SIZE];
	size_t n = strcspn(text, ":");
	if (n == 0 || n >= sizeof size)
		return -EINVAL;
	memcpy(size, text, n);
	size[n] = '\0';
	if (size[n - 1] != '%') {
		int r = number_size(size, &threshold->bytes);
		return r == 0 && threshold->bytes == 0 ? -ERANGE : r;
	}
	size[n - 1] = '\0';
	int r = number_decimal(size, &threshold->percent);
	if (r < 0)
		return r;
	return threshold->percent > 0 && threshold->percent <= 100 ? 0 : -ERANGE;
}

static int parse_action(const char *text, struct threshold *threshold)
{
	static const char *const names[] = {
		[ACTION_WARN] = "warn", [ACTION_MARK] = "mark", [ACTION_STOP] = "stop",
		[ACTION_TERM] = "term", [ACTION_KILL] = "kill",
	};
	static const char run[] = "run=";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			threshold->action = (enum threshold_action)i;
			return 0;
		}
	if (strncmp(text, run, sizeof run - 1) != 0 || text[sizeof run - 1] == '\0')
		return -EINVAL;
	threshold->action = ACTION_RUN;
	threshold->command = text + sizeof run - 1;
	return 0;
}

int thresholds_add(struct thresholds *thresholds, const char *text)
{
	static const char gpu[] = "gpu:";
	struct threshold threshold = { .size = text };
	threshold.gpu = strncmp(text, gpu, sizeof gpu - 1) == 0;
	const char *size = threshold.gpu ? text + sizeof gpu - 1 : text, *colon = strchr(size, ':');
	if (!colon)
		return -EINVAL;
	if (thresholds->n == MOST_THRESHOLDS)
		return -ERANGE;
	threshold.does = colon + 1;
	int r = parse_size(size, &threshold);
	if (r == 0)
		r = parse_action(threshold.does, &threshold);
	if (r == 0)
		thresholds->items[thresholds->n++] = threshold;
	return r;
}
