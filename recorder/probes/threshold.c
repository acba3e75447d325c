#include "recorder/probes/threshold.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/number.h"

enum { LONGEST_SIZE = 64, LONGEST_DELAY = 86400 /* s */ };

/* A copy of what is before `end`; -EINVAL: nothing, or too much. */
static int copy_word(char word[LONGEST_SIZE], const char *text, const char *end)
{
	size_t n = (size_t)(end - text);
	if (n == 0 || n >= LONGEST_SIZE)
		return -EINVAL;
	memcpy(word, text, n);
	word[n] = '\0';
	return 0;
}

static int parse_size(const char *text, const char *end, struct threshold *threshold)
{
	char size[LONGEST_SIZE];
	int r = copy_word(size, text, end);
	if (r < 0)
		return r;
	size_t n = strlen(size);
	if (size[n - 1] != '%') {
		r = number_size(size, &threshold->bytes);
		return r == 0 && threshold->bytes == 0 ? -ERANGE : r;
	}
	size[n - 1] = '\0';
	r = number_decimal(size, &threshold->percent);
	if (r < 0)
		return r;
	return threshold->percent > 0 && threshold->percent <= 100 ? 0 : -ERANGE;
}

/* ---- actions ---- */

static const struct {
	const char *name;
	bool may_wait;
} actions[] = {
	[ACTION_WARN] = { "warn", false }, [ACTION_MARK] = { "mark", false },
	[ACTION_STOP] = { "stop", true },  [ACTION_TERM] = { "term", true },
	[ACTION_KILL] = { "kill", true },
};

/* "=5" behind an action. */
static int parse_delay(const char *text, int64_t *after)
{
	double seconds;
	int r = number_decimal(text, &seconds);
	if (r == 0 && (seconds <= 0 || seconds > LONGEST_DELAY))
		return -ERANGE;
	*after = r == 0 ? (int64_t)(seconds * 1e9) : 0;
	return r == 0 && *after == 0 ? -ERANGE : r;
}

static int parse_action(char *word, struct threshold_step *step)
{
	char *delay = strchr(word, '=');
	if (delay)
		*delay++ = '\0';
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(word, actions[i].name) != 0)
			continue;
		step->action = (enum threshold_action)i;
		return !delay                ? 0
		       : actions[i].may_wait ? parse_delay(delay, &step->after)
					     : -EINVAL;
	}
	return -EINVAL;
}

/* All of the rest is the command: it may hold commas. */
static bool is_command(const char *text, struct threshold *threshold)
{
	static const char run[] = "run=";
	if (strncmp(text, run, sizeof run - 1) != 0)
		return false;
	threshold->command = text + sizeof run - 1;
	return true;
}

static int parse_actions(const char *text, struct threshold *threshold)
{
	char word[LONGEST_SIZE];
	for (const char *at = text, *end; at; at = *end ? end + 1 : NULL) {
		struct threshold_step step = { .action = ACTION_RUN };
		int r = 0;
		if (threshold->n_steps == MOST_STEPS)
			return -ERANGE;
		end = at + strcspn(at, ",");
		if (is_command(at, threshold)) {
			end = at + strlen(at);
			r = *threshold->command ? 0 : -EINVAL;
		} else {
			r = copy_word(word, at, end);
			r = r < 0 ? r : parse_action(word, &step);
		}
		if (r < 0)
			return r;
		threshold->steps[threshold->n_steps++] = step;
	}
	return 0;
}

/* ---- what rises ---- */

/* Of the control group, what the kernel cannot take back: page cache that is not in use comes and
 * goes as it likes. */
static const struct source *find_source(const char *name)
{
	return source_find(strcmp(name, "cgroup") == 0 ? "cgroup.workingset" : name);
}

/* What is in front of the size, which begins with no letter. */
static int parse_subject(const char **text, struct threshold *threshold)
{
	char word[LONGEST_SIZE];
	const char *colon = strchr(*text, ':');
	if (!isalpha((unsigned char)**text))
		return 0;
	if (!colon || copy_word(word, *text, colon) < 0)
		return -EINVAL;
	*text = colon + 1;
	threshold->gpu = strcmp(word, "gpu") == 0;
	threshold->of = threshold->gpu ? NULL : find_source(word);
	return threshold->gpu || threshold->of ? 0 : -EINVAL;
}

int thresholds_add(struct thresholds *thresholds, const char *text)
{
	struct threshold threshold = { .size = text };
	int r = parse_subject(&text, &threshold);
	const char *colon = r < 0 ? NULL : strchr(text, ':');
	if (!colon)
		return -EINVAL;
	if (thresholds->n == MOST_THRESHOLDS)
		return -ERANGE;
	threshold.does = colon + 1;
	r = parse_size(text, colon, &threshold);
	if (r == 0)
		r = parse_actions(threshold.does, &threshold);
	if (r == 0)
		thresholds->items[thresholds->n++] = threshold;
	return r;
}
