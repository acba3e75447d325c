#include "plotter/export/firefox.h"

#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/json.h"

/* ---- allocations ---- */

/* A row of a table whose columns stand one after another. */
struct row {
	int64_t us, bytes;
	size_t frame;
};

struct rows {
	struct row *all;
	size_t n;
};

static int add(struct rows *rows, int64_t us, int64_t umib, size_t frame)
{
	struct row *row = array_more(&rows->all, &rows->n, sizeof *row);
	if (!row)
		return -ENOMEM;
	*row = (struct row){ us, export_bytes(umib), frame };
	return 0;
}

/* A step of a process that has no thread here is told of the program itself. */
static bool is_of(const struct firefox *f, const struct firefox_process *process, pid_t pid)
{
	const struct firefox_part *part = &f->parts[process->part];
	bool is_main = process == &f->processes[part->main_thread];
	if (!is_main || pid == process->pid)
		return pid == process->pid;
	for (size_t i = part->main_thread + 1; i < f->n_processes; i++)
		if (f->processes[i].part == process->part && f->processes[i].pid == pid)
			return false;
	return true;
}

static int collect_growth(const struct firefox *f, const struct firefox_process *process,
			  struct rows *rows)
{
	const struct firefox_part *part = &f->parts[process->part];
	const struct profile_growth *g = &part->export.profile->growth;
	pid_t asked = 0;
	bool mine = false;
	int r = 0;
	for (size_t i = 0; i < g->n_steps && process->life == 0 && r == 0; i++) {
		if (i == 0 || g->steps[i].pid != asked)
			mine = is_of(f, process, asked = g->steps[i].pid);
		if (mine && export_shows(&part->export, g->steps[i].at.us))
			r = add(rows, g->steps[i].at.us, g->steps[i].delta, g->steps[i].frame);
	}
	return r;
}

static int collect_heap(const struct firefox *f, const struct firefox_process *process,
			struct rows *rows)
{
	const struct firefox_part *part = &f->parts[process->part];
	const struct profile_heap *h = &part->export.profile->heap;
	int r = 0;
	for (size_t i = 0; i < h->n_steps && r == 0; i++)
		if (export_shows(&part->export, h->steps[i].us))
			r = add(rows, h->steps[i].us, h->steps[i].live, h->steps[i].frame);
	return r;
}

static void put_rows(struct firefox *f, const struct firefox_part *part, const struct rows *rows)
{
	fputs(",\n\"nativeAllocations\":{\"weightType\":\"bytes\",\"time\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < rows->n; i++) {
		firefox_separate(f);
		firefox_time(f, part, rows->all[i].us);
	}
	fputs("],\"weight\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < rows->n; i++) {
		firefox_separate(f);
		fprintf(f->out, "%lld", (long long)rows->all[i].bytes);
	}
	fputs("],\"stack\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < rows->n; i++) {
		firefox_separate(f);
		fprintf(f->out, "%zu", part->first_stack + rows->all[i].frame);
	}
	fprintf(f->out, "],\"length\":%zu}", rows->n);
}

/* ---- threads ---- */

static void put_name(struct firefox *f, const struct firefox_process *process)
{
	const struct profile *p = f->parts[process->part].export.profile;
	const char *name = process->child ? process->child->name : NULL;
	bool is_main = process == &f->processes[f->parts[process->part].main_thread];
	if (is_main || process->is_heap)
		name = f->n == 1 && p->command ? p->command : p->path;
	fputs("\"processName\":", f->out);
	json_text(f->out, name ? name : "descendant");
	fputs(",\"name\":", f->out);
	json_text(f->out, process->is_heap ? "heap, sampled: an estimate"
			  : name           ? name
					   : "descendant");
}

static void put_or_null(struct firefox *f, const struct firefox_part *part, const char *name,
			int64_t us)
{
	fprintf(f->out, ",\"%s\":", name);
	if (us == 0)
		fputs("null", f->out);
	else
		firefox_time(f, part, us);
}

/* Its own life, as far as it is told; else the recording's beginning. */
static void put_life(struct firefox *f, const struct firefox_process *process)
{
	const struct firefox_part *part = &f->parts[process->part];
	const struct profile *p = part->export.profile;
	const struct profile_child *child = process->child;
	int64_t born = child && child->born ? child->born : p->start_us;
	int64_t gone = child ? child->gone : p->ended ? p->ended_us : 0;
	put_or_null(f, part, "processStartupTime", born);
	put_or_null(f, part, "processShutdownTime", gone);
	put_or_null(f, part, "registerTime", born);
	put_or_null(f, part, "unregisterTime", gone);
}

static int put_thread(struct firefox *f, size_t i)
{
	const struct firefox_process *process = &f->processes[i];
	struct rows rows = { 0 };
	int r = process->is_heap ? collect_heap(f, process, &rows)
				 : collect_growth(f, process, &rows);
	firefox_separate(f);
	fputs("\n{\"processType\":\"default\",", f->out);
	put_name(f, process);
	fprintf(f->out, ",\"isMainThread\":%s,\"pid\":", process->is_heap ? "false" : "true");
	firefox_pid(f, process);
	fprintf(f->out, ",\"tid\":\"%zu\"", i);
	put_life(f, process);
	fputs(",\"pausedRanges\":[],\"showMarkersInTimeline\":true,\"samples\":{\"stack\":[],"
	      "\"time\":[],\"weight\":null,\"weightType\":\"samples\",\"length\":0}",
	      f->out);
	if (rows.n > 0)
		put_rows(f, &f->parts[process->part], &rows);
	r = r ? r : firefox_markers(f, process);
	fputc('}', f->out);
	f->separator = ",";
	free(rows.all);
	return r;
}

static int add_heaps(struct firefox *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->parts[i].export.profile->heap.n_steps == 0)
			continue;
		struct firefox_process *process =
			array_more(&f->processes, &f->n_processes, sizeof *process);
		if (!process)
			return -ENOMEM;
		*process = f->processes[f->parts[i].main_thread];
		process->is_heap = true;
	}
	return 0;
}

static void number_tables(struct firefox *f)
{
	size_t stacks = 0, frames = 0;
	for (size_t i = 0; i < f->n; i++) {
		f->parts[i].first_stack = stacks;
		f->parts[i].first_frame = frames;
		stacks += f->parts[i].stacks.growth.n_frames;
		frames += f->parts[i].stacks.n_places;
	}
}

int firefox_threads(struct firefox *f)
{
	int r = add_heaps(f);
	number_tables(f);
	fputs(",\n\"threads\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < f->n_processes && r == 0; i++)
		r = put_thread(f, i);
	fputs("]", f->out);
	return r;
}
