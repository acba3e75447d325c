#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/names.h"
#include "share/profile/growth.h"
#include "share/profile/profile.h"
#include "share/profile/sum.h"

/* Bounds on what a file can make us keep. */
enum {
	COLUMNS = 4096,
	CHILD_COLUMNS = 512,
	CHILDREN_BEFORE_HALVING =
		128, /* at which number of children, and at each doubling, theirs are halved */
	MOST_CHILDREN = 4096,
	MOST_FUNCTIONS = 65536,
	MOST_CALLS = 65536,
	MOST_MARKS = 4096,
	MOST_SETTINGS = 256,
	MOST_VALUES = 32, /* metrics, and devices */
	MOST_ENTERED = 4096,
	MOST_LISTINGS = 16384,
	MOST_LINES = 1 << 20,
};

struct loading {
	struct profile *profile;
	const struct profile_wish *wish;
	struct names pids;      /* decimal pid → index into `child_of` */
	size_t *child_of;       /* the child that a pid means now */
	struct names functions; /* name → index into profile->functions */
	struct names listings;  /* process, function and file → index into profile->listings */
	size_t n_lines;         /* of all listings */
	size_t child_columns;
	bool started;         /* the run has a sample */
	int64_t from, to;     /* the window, µs; known once the run has started */
	struct sample before; /* the last sample left of the window, if has_before */
	bool has_before, has_after;
	struct sample sum; /* of the last MEM and the CHLDs since */
	struct growth_loading growth;
};

/* ---- series ---- */

static int series_add(struct profile_series *series, const struct sample *samples, size_t n)
{
	if (n == 0)
		return 0;
	if (series->samples == 0)
		series->first = series->peak = samples[0];
	struct sample peak = series->peak;
	for (size_t i = 0; i < n; i++)
		if (samples[i].umib > peak.umib)
			peak = samples[i];
	series->peak = peak;
	series->last = samples[n - 1];
	series->samples += n;
	return columns_add(&series->columns, samples, n);
}

static bool has_window(const struct loading *l)
{
	return l->wish->from != l->wish->to;
}

static bool is_inside(const struct loading *l, int64_t us)
{
	return !has_window(l) || (us >= l->from && us <= l->to);
}

/* Only what lies in the window, and its neighbours for the curve; these are no samples of the
 * window's own peak. */
static int add_windowed(struct loading *l, const struct sample *samples, size_t n)
{
	struct profile_series *series = &l->profile->memory;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct sample *sample = &samples[i];
		if (sample->us < l->from) {
			l->before = *sample;
			l->has_before = true;
		} else if (sample->us > l->to) {
			if (!l->has_after && series->samples > 0)
				r = columns_add(&series->columns, sample, 1);
			l->has_after = true;
		} else {
			if (series->samples == 0 && l->has_before)
				r = columns_add(&series->columns, &l->before, 1);
			r = r < 0 ? r : series_add(series, sample, 1);
		}
	}
	return r;
}

/* By hand: llround would make every start of the recorder load libm. */
static int64_t in_us(double seconds)
{
	double us = seconds * 1e6;
	if (us > 4e18 || us < -4e18)
		return us > 0 ? INT64_MAX / 2 : INT64_MIN / 2;
	return (int64_t)(us < 0 ? us - 0.5 : us + 0.5);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct loading *l = context;
	if (!l->started) {
		l->started = true;
		l->profile->start_us = samples[0].us;
		l->from = samples[0].us + in_us(l->wish->from);
		l->to = samples[0].us + in_us(l->wish->to);
	}
	l->sum = samples[n - 1];
	if (has_window(l))
		return add_windowed(l, samples, n);
	return series_add(&l->profile->memory, samples, n);
}

/* ---- children ---- */

static struct profile_child *new_child(struct loading *l, long slot, pid_t pid)
{
	struct profile *p = l->profile;
	if (p->n_children >= MOST_CHILDREN)
		return NULL;
	struct profile_child *child = array_more(&p->children, &p->n_children, sizeof *child);
	if (!child)
		return NULL;
	child->pid = pid;
	child->status = PROFILE_STATUS_UNKNOWN;
	child->series.columns.limit = l->child_columns;
	size_t n = p->n_children;
	l->child_of[slot] = n - 1;
	if (n >= CHILDREN_BEFORE_HALVING && (n & (n - 1)) == 0 && l->child_columns > 16) {
		l->child_columns /= 2;
		for (size_t i = 0; i < n; i++)
			columns_halve(&p->children[i].series.columns);
	}
	return &p->children[n - 1];
}

/* The child that this pid means now; a new one when it was never seen, or is born though it has
 * gone already: a pid given out again. NULL: beyond the bound. */
static struct profile_child *child_for(struct loading *l, pid_t pid, bool born)
{
	char text[16];
	snprintf(text, sizeof text, "%d", (int)pid);
	size_t known = l->pids.n;
	long slot = names_find(&l->pids, text, MOST_CHILDREN);
	if (slot < 0)
		return NULL;
	bool is_new = l->pids.n > known;
	if (is_new) {
		size_t *grown = array_more(&l->child_of, &known, sizeof *grown);
		if (!grown)
			return NULL;
		*grown = SIZE_MAX;
	}
	if (l->child_of[slot] == SIZE_MAX ||
	    (born && l->profile->children[l->child_of[slot]].gone != 0))
		return new_child(l, slot, pid);
	return &l->profile->children[l->child_of[slot]];
}

static int on_child(struct loading *l, const struct profile_record *record)
{
	struct profile_child *child = child_for(l, record->pid, false);
	if (!child && l->profile->untracked_children == 0)
		l->profile->untracked_children = 1; /* at least: they are not told apart any more */
	if (!child || (l->started && !is_inside(l, record->at.us)))
		return 0;
	l->sum.umib = sum_of(l->sum.umib, record->at.umib);
	if (l->sum.umib > l->profile->together.umib)
		l->profile->together = l->sum;
	return series_add(&child->series, &record->at, 1);
}

static int on_born(struct loading *l, const struct profile_record *record)
{
	struct profile_child *child = child_for(l, record->pid, true);
	if (!child) {
		l->profile->untracked_children++;
		return 0;
	}
	if (child->born == 0)
		child->born = record->at.us;
	free(child->name); /* it has called exec, and has another */
	child->name = strdup(record->text);
	return child->name ? 0 : -ENOMEM;
}

static int on_gone(struct loading *l, const struct profile_record *record)
{
	growth_gone(&l->growth, &l->profile->growth, record->pid);
	const char *target = profile_setting(l->profile, "pid");
	if (target && atoi(target) == record->pid) {
		l->profile->high_water = record->at.umib;
		return 0;
	}
	struct profile_child *child = child_for(l, record->pid, false);
	if (child) {
		child->gone = record->at.us;
		child->high_water = record->at.umib;
		child->status = record->status;
	}
	return 0;
}

/* ---- calls ---- */

static int by_length(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	int64_t p = x->to.us - x->from.us, q = y->to.us - y->from.us;
	return (p < q) - (p > q);
}

static int by_start(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	if (x->from.us != y->from.us)
		return x->from.us < y->from.us ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

/* Half of the room again, at the cost of the calls that no picture could show. */
static void drop_shortest(struct profile *p)
{
	qsort(p->calls, p->n_calls, sizeof *p->calls, by_length);
	p->dropped_calls += p->n_calls - MOST_CALLS / 2;
	p->n_calls = MOST_CALLS / 2;
}

static void count(struct profile_function *function, const struct profile_call *call, int sign)
{
	function->calls += (uint64_t)(int64_t)sign;
	function->us = sum_of(function->us, sign * (call->to.us - call->from.us));
	function->growth = sum_of(function->growth, sign * (call->to.umib - call->from.umib));
}

/* The index of the function, a new one where it was never seen; -ENOSPC beyond the bound. */
static long function_for(struct loading *l, const char *text)
{
	struct profile *p = l->profile;
	long at = names_find(&l->functions, text, MOST_FUNCTIONS);
	if (at < 0 || (size_t)at < p->n_functions)
		return at;
	char *name = strdup(text);
	struct profile_function *function =
		name ? array_more(&p->functions, &p->n_functions, sizeof *function) : NULL;
	if (!function) {
		free(name);
		return -ENOMEM;
	}
	function->name = name;
	return at;
}

/* Has ended: its ENTER, if there was one, is of the last ones. */
static void leave(struct profile *p, size_t function, const struct profile_record *record)
{
	for (size_t i = p->n_entered; i-- > 0;) {
		struct profile_entered *e = &p->entered[i];
		if (e->function != function || e->level != record->level ||
		    e->at.us != record->at.us)
			continue;
		memmove(e, e + 1, (--p->n_entered - i) * sizeof *e);
		return;
	}
}

static int on_enter(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	long at = p->n_entered < MOST_ENTERED ? function_for(l, record->text) : -ENOSPC;
	if (at < 0)
		return at == -ENOSPC ? 0 : (int)at;
	struct profile_entered *entered = array_more(&p->entered, &p->n_entered, sizeof *entered);
	if (!entered)
		return -ENOMEM;
	*entered = (struct profile_entered){ (size_t)at, record->at, record->level, record->pid };
	return 0;
}

static int on_function(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	long at = function_for(l, record->text);
	if (at == -ENOSPC) {
		p->dropped_calls++;
		return 0;
	}
	if (at < 0)
		return (int)at;
	leave(p, (size_t)at, record);
	if (p->n_calls == MOST_CALLS)
		drop_shortest(p);
	struct profile_call *call = array_more(&p->calls, &p->n_calls, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = (struct profile_call){ (size_t)at, record->at, record->end, record->level };
	count(&p->functions[at], call, 1);
	return 0;
}

/* ---- further figures ---- */

static int add_further(const struct loading *l, struct profile_series *series,
		       const struct profile_record *record)
{
	if (l->started && !is_inside(l, record->at.us))
		return 0;
	if (series->columns.limit == 0)
		series->columns.limit = l->profile->memory.columns.limit;
	return series_add(series, &record->at, 1);
}

static int on_peak(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	uint64_t before = p->peaks.samples;
	int r = add_further(l, &p->peaks, record);
	if (r == 0 && p->peaks.samples > before && record->at.umib > p->highest.umib)
		p->highest = (struct profile_span){ record->at.umib, record->since, record->at.us };
	return r;
}

static int on_value(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	size_t at = 0;
	while (at < p->n_values && strcmp(p->values[at].metric, record->text) != 0)
		at++;
	if (at == MOST_VALUES)
		return 0;
	if (at == p->n_values) {
		char *metric = strdup(record->text);
		struct profile_value *value =
			metric ? array_more(&p->values, &p->n_values, sizeof *value) : NULL;
		if (!value) {
			free(metric);
			return -ENOMEM;
		}
		value->metric = metric;
	}
	return add_further(l, &p->values[at].series, record);
}

static int on_gpu(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	size_t at = 0;
	while (at < p->n_gpus && strcmp(p->gpus[at].device, record->text) != 0)
		at++;
	if (at == MOST_VALUES)
		return 0;
	if (at == p->n_gpus) {
		char *device = strdup(record->text);
		struct profile_gpu *gpu =
			device ? array_more(&p->gpus, &p->n_gpus, sizeof *gpu) : NULL;
		if (!gpu) {
			free(device);
			return -ENOMEM;
		}
		gpu->device = device;
	}
	if (l->started && !is_inside(l, record->at.us))
		return 0;
	p->gpus[at].whole_device |= record->whole_device;
	struct sample *peak =
		record->whole_device ? &p->gpus[at].device_peak : &p->gpus[at].tree_peak;
	if (peak->us == 0 || record->at.umib > peak->umib)
		*peak = record->at;
	return add_further(l, &p->gpus[at].series, record);
}

static void drop_further(struct profile *p)
{
	columns_free(&p->peaks.columns);
	p->peaks = (struct profile_series){ 0 };
	p->highest = (struct profile_span){ 0 };
	for (size_t i = 0; i < p->n_values; i++) {
		columns_free(&p->values[i].series.columns);
		free(p->values[i].metric);
	}
	for (size_t i = 0; i < p->n_gpus; i++) {
		columns_free(&p->gpus[i].series.columns);
		free(p->gpus[i].device);
	}
	free(p->values);
	free(p->gpus);
	p->values = NULL;
	p->gpus = NULL;
	p->n_values = p->n_gpus = 0;
}

/* ---- lines ---- */

static struct profile_listing *listing_for(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	size_t size = strlen(record->text) + strlen(record->function) + 16;
	char *key = malloc(size);
	if (!key)
		return NULL;
	snprintf(key, size, "%d %s %s", (int)record->pid, record->function, record->text);
	long at = names_find(&l->listings, key, MOST_LISTINGS);
	free(key);
	if (at < 0 || (size_t)at < p->n_listings)
		return at < 0 ? NULL : &p->listings[at];
	struct profile_listing *listing = array_more(&p->listings, &p->n_listings, sizeof *listing);
	if (!listing)
		return NULL;
	*listing = (struct profile_listing){ .file = strdup(record->text),
					     .function = strdup(record->function),
					     .pid = record->pid };
	return listing->file && listing->function ? listing : NULL;
}

static int on_line(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	if (l->n_lines == MOST_LINES ||
	    (p->n_listings == MOST_LISTINGS && l->listings.n == MOST_LISTINGS)) {
		p->dropped_lines++;
		return 0;
	}
	struct profile_listing *listing = listing_for(l, record);
	struct profile_line *line =
		listing ? array_more(&listing->lines, &listing->n_lines, sizeof *line) : NULL;
	if (!line)
		return -ENOMEM;
	*line = (struct profile_line){ record->line, record->at.umib, record->increment,
				       record->end.umib, record->samples };
	l->n_lines++;
	return 0;
}

static int by_line(const void *a, const void *b)
{
	const struct profile_line *x = a, *y = b;
	return (x->line > y->line) - (x->line < y->line);
}

void profile_add_line(struct profile_line *sum, const struct profile_line *line)
{
	sum->umib = line->umib > sum->umib ? line->umib : sum->umib;
	sum->peak = line->peak > sum->peak ? line->peak : sum->peak;
	sum->increment = sum_of(sum->increment, line->increment);
	sum->occurrences += line->occurrences;
}

/* Sorted, each line once. */
static void settle_listing(struct profile_listing *listing)
{
	size_t kept = 0;
	if (listing->n_lines > 0)
		qsort(listing->lines, listing->n_lines, sizeof *listing->lines, by_line);
	for (size_t i = 0; i < listing->n_lines; i++)
		if (kept > 0 && listing->lines[kept - 1].line == listing->lines[i].line)
			profile_add_line(&listing->lines[kept - 1], &listing->lines[i]);
		else
			listing->lines[kept++] = listing->lines[i];
	listing->n_lines = kept;
}

static void drop_lines(struct loading *l)
{
	struct profile *p = l->profile;
	for (size_t i = 0; i < p->n_listings; i++) {
		free(p->listings[i].file);
		free(p->listings[i].function);
		free(p->listings[i].lines);
	}
	free(p->listings);
	p->listings = NULL;
	p->n_listings = l->n_lines = p->dropped_lines = 0;
	names_free(&l->listings);
	free(p->entered);
	p->entered = NULL;
	p->n_entered = 0;
}

/* ---- the rest ---- */

static int on_mark(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	if (p->n_marks == MOST_MARKS)
		return 0;
	char *label = strdup(record->text);
	struct profile_mark *mark = label ? array_more(&p->marks, &p->n_marks, sizeof *mark) : NULL;
	if (!mark) {
		free(label);
		return -ENOMEM;
	}
	*mark = (struct profile_mark){ record->at, label };
	return 0;
}

/* What is outside of the window grew all the same, only not there. */
static int on_growth(struct loading *l, const struct profile_record *record)
{
	bool counts = !has_window(l) || (l->started && is_inside(l, record->at.us));
	return growth_take(&l->growth, &l->profile->growth, record, counts);
}

static int add_setting(struct profile *p, const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals || p->n_settings == MOST_SETTINGS)
		return 0;
	struct profile_setting *setting = array_more(&p->settings, &p->n_settings, sizeof *setting);
	if (!setting)
		return -ENOMEM;
	setting->key = strndup(word, (size_t)(equals - word));
	setting->value = strdup(equals + 1);
	return setting->key && setting->value ? 0 : -ENOMEM;
}

static int on_settings(struct loading *l, const struct profile_record *record)
{
	char *cursor = record->text, *word;
	int r = 0;
	while (r == 0 && profile_unquote(&cursor, &word) == 1)
		r = add_setting(l->profile, word);
	return r;
}

static void drop_children(struct loading *l)
{
	struct profile *p = l->profile;
	for (size_t i = 0; i < p->n_children; i++) {
		columns_free(&p->children[i].series.columns);
		free(p->children[i].name);
	}
	free(p->children);
	p->children = NULL;
	p->n_children = p->untracked_children = 0;
	names_free(&l->pids);
	free(l->child_of);
	l->child_of = NULL;
	l->child_columns = CHILD_COLUMNS;
}

static void drop_settings(struct profile *p)
{
	for (size_t i = 0; i < p->n_settings; i++) {
		free(p->settings[i].key);
		free(p->settings[i].value);
	}
	free(p->settings);
	p->settings = NULL;
	p->n_settings = 0;
}

static void drop_marks(struct profile *p)
{
	for (size_t i = 0; i < p->n_marks; i++)
		free(p->marks[i].label);
	free(p->marks);
	p->marks = NULL;
	p->n_marks = 0;
}

/* Calls stay: memory_profiler writes those of a run before its CMDLINE. Those of an earlier run are
 * told by their time, at the end. */
static void start_run(struct loading *l)
{
	struct profile *p = l->profile;
	size_t limit = p->memory.columns.limit;
	columns_free(&p->memory.columns);
	p->memory = (struct profile_series){ .columns.limit = limit };
	p->together = l->sum = (struct sample){ 0 };
	drop_children(l);
	drop_settings(p);
	drop_marks(p);
	drop_further(p);
	drop_lines(l);
	growth_drop(&l->growth, &p->growth);
	p->ended = false;
	p->status = PROFILE_STATUS_UNKNOWN;
	p->ended_us = p->ru_maxrss = p->high_water = p->start_us = 0;
	p->missed = 0;
	l->started = l->has_before = l->has_after = false;
}

static int on_command(struct loading *l, const struct profile_record *record)
{
	if (l->profile->runs++ > 0 || l->started)
		start_run(l);
	free(l->profile->command);
	l->profile->command = strdup(record->text);
	return l->profile->command ? 0 : -ENOMEM;
}

static int on_exit_record(struct loading *l, const struct profile_record *record)
{
	struct profile *p = l->profile;
	p->ended = true;
	p->status = record->status;
	p->ended_us = record->at.us;
	p->ru_maxrss = record->at.umib;
	p->missed = record->missed;
	return 0;
}

static int on_record(void *context, const struct profile_record *record)
{
	static int (*const handlers[])(struct loading *, const struct profile_record *) = {
		[PROFILE_CMDLINE] = on_command, [PROFILE_META] = on_settings,
		[PROFILE_CHLD] = on_child,      [PROFILE_PROC] = on_born,
		[PROFILE_GONE] = on_gone,       [PROFILE_FUNC] = on_function,
		[PROFILE_MARK] = on_mark,       [PROFILE_EXIT] = on_exit_record,
		[PROFILE_PEAK] = on_peak,       [PROFILE_VAL] = on_value,
		[PROFILE_GPU] = on_gpu,         [PROFILE_ENTER] = on_enter,
		[PROFILE_LINE] = on_line,       [PROFILE_PATH] = on_growth,
		[PROFILE_FRAME] = on_growth,    [PROFILE_GROW] = on_growth,
	};
	return handlers[record->kind](context, record);
}

/* Leaves the calls of this run that the window shows; the others no longer count for their
 * functions. */
static void settle_calls(struct loading *l)
{
	struct profile *p = l->profile;
	int64_t low = has_window(l) ? l->from : p->start_us,
		high = has_window(l) ? l->to : INT64_MAX;
	size_t kept = 0;
	for (size_t i = 0; i < p->n_calls; i++) {
		const struct profile_call *call = &p->calls[i];
		if (call->to.us < low || call->from.us > high)
			count(&p->functions[call->function], call, -1);
		else
			p->calls[kept++] = *call;
	}
	p->n_calls = kept;
	if (kept > 0)
		qsort(p->calls, kept, sizeof *p->calls, by_start);
	while (p->n_entered > 0 && p->entered[p->n_entered - 1].at.us > high)
		p->n_entered--;
}

int profile_load(struct profile *profile, const char *path, const struct profile_wish *wish)
{
	static const struct profile_sink sink = { on_samples, on_record };
	static const struct profile_wish everything = { 0 };
	struct profile_input input;
	*profile = (struct profile){ .status = PROFILE_STATUS_UNKNOWN };
	struct loading l = { .profile = profile,
			     .wish = wish ? wish : &everything,
			     .child_columns = CHILD_COLUMNS };
	profile->memory.columns.limit = l.wish->columns ? l.wish->columns : COLUMNS;
	profile->path = strdup(path);
	if (!profile->path)
		return -ENOMEM;
	int r = profile_open(&input, path);
	if (r == 0) {
		r = profile_read(&input, &sink, &l, &profile->flaws);
		profile_close(&input);
	}
	settle_calls(&l);
	int settled = growth_settle(&l.growth, &profile->growth);
	r = r < 0 ? r : settled;
	for (size_t i = 0; i < profile->n_listings; i++)
		settle_listing(&profile->listings[i]);
	names_free(&l.pids);
	names_free(&l.listings);
	names_free(&l.functions);
	free(l.child_of);
	if (r < 0)
		profile_free(profile);
	return r;
}

const char *profile_setting(const struct profile *profile, const char *key)
{
	for (size_t i = 0; i < profile->n_settings; i++)
		if (strcmp(profile->settings[i].key, key) == 0)
			return profile->settings[i].value;
	return NULL;
}

const char *profile_killed(const struct profile *profile)
{
	const char *killed = profile_setting(profile, "killed");
	if (killed && strcmp(killed, "oom") == 0)
		return "killed: out of memory";
	return killed && strcmp(killed, "oom?") == 0 ? "killed: probably out of memory" : NULL;
}

void profile_free(struct profile *profile)
{
	struct loading l = { .profile = profile };
	drop_children(&l);
	drop_settings(profile);
	drop_marks(profile);
	drop_further(profile);
	drop_lines(&l);
	growth_drop(&l.growth, &profile->growth);
	for (size_t i = 0; i < profile->n_functions; i++)
		free(profile->functions[i].name);
	free(profile->functions);
	free(profile->calls);
	columns_free(&profile->memory.columns);
	free(profile->path);
	free(profile->copy);
	free(profile->command);
	*profile = (struct profile){ 0 };
}
