#include "plotter/placing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/chart.h"
#include "plotter/opening.h"
#include "share/commands/place.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/output.h"

/* ---- before ---- */

static int say_not_installed(const struct backend *backend)
{
	char *list = backend_list_own("-b ");
	fault(STATUS_FAULT, "%s is not installed; draw without it: %s", backend->name,
	      list ? list : "-b another");
	free(list);
	return STATUS_FAULT;
}

/* The place of the picture is none of the recordings. */
static int check_place(const char *output, const char *const paths[], size_t n)
{
	int status = -1;
	for (size_t i = 0; i < n && status == -1 && output && !is_stdout(output); i++)
		status = place_check(output, REPLACE_PICTURE, (const char *[]){ paths[i], NULL });
	return status;
}

/* Before it is said that a picture has no place, that there will be none. */
static int check_files(const char *const paths[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = recording_is_file(paths[i]) ? recording_is_one(paths[i]) : 1;
		if (r < 0)
			return fault(STATUS_FAULT, "cannot read %s: %s", paths[i],
				     recording_reason(r));
		if (r == 0)
			return fault(STATUS_FAULT, "%s is no recording: it holds no samples",
				     paths[i]);
	}
	return -1;
}

static int start(struct choice *choice)
{
	int status = choose_backend(choice);
	if (status != -1)
		return status;
	choose_canvas(choice);
	if (choice->backend->prepare && !choice->prepared &&
	    choice->backend->prepare(&choice->canvas) < 0)
		return say_not_installed(choice->backend);
	return -1;
}

/* A name for what is opened. -1 to go on, else the exit status. */
static int name_place(struct placing *placing, const char *const paths[], size_t n)
{
	char extension[16];
	const char *all = placing->choice.backend->extensions;
	if (!placing->choice.opens)
		return -1;
	snprintf(extension, sizeof extension, "%.*s", (int)strcspn(all, " "), all);
	placing->place = opening_place(paths[0], extension);
	if (!placing->place)
		return fault(STATUS_FAULT, "out of memory");
	return check_place(placing->place, paths, n);
}

int placing_start(struct placing *placing, const char *const paths[], size_t n)
{
	const struct picture *wanted = placing->choice.wanted;
	int status = check_place(wanted->output, paths, n);
	if (status == -1 && !choose_has_place(wanted))
		status = check_files(paths, n);
	if (status == -1)
		status = start(&placing->choice);
	return status == -1 ? name_place(placing, paths, n) : status;
}

void placing_room(const struct placing *placing, struct chart_wish *wish)
{
	const struct canvas *c = &placing->choice.canvas;
	bool cells = placing->choice.backend->cells;
	double s = c->scale;
	double x_ticks = cells ? c->width / 14 : c->width / (100 * s);
	double y_ticks = cells ? c->height / 4 : c->height / (75 * s);
	double rows = cells ? fmin(c->height / 4, 8) : (c->height - 100 * s) / (35 * s);
	wish->columns = (size_t)fmax(cells ? 2 * c->width : c->width, 64);
	wish->headroom =
		cells ? 0.12 : fmin(fmax(0.12, 26 * s / fmax(c->height - 170 * s, 1)), 0.4);
	wish->x_ticks = (unsigned)fmin(fmax(x_ticks, 2), 20);
	wish->y_ticks = (unsigned)fmin(fmax(y_ticks, 2), 12);
	wish->rows = (unsigned)fmin(fmax(rows, 1), 40);
	wish->recordings = cells ? (unsigned)fmax(c->height / 3, 1) : 0;
	wish->coarse = cells;
}

/* ---- drawing ---- */

static int say_not_drawn(const struct backend *backend, const char *name, int error)
{
	const char *complaint = backend->complaint ? backend->complaint() : "";
	if (backend->export && *complaint)
		return fault(STATUS_FAULT, "nothing is written to %s: %s", name, complaint);
	return fault(STATUS_FAULT, "the %s backend cannot draw to %s: %s", backend->name, name,
		     *complaint ? complaint : strerror(-error));
}

/* It is there, whether it can be shown or not. */
static void open_picture(const struct placing *placing, const char *path)
{
	int r = opening_show(path);
	if (r == 0 && placing->place)
		notice("wrote %s, and opened it with %s", path, opening_name());
	else if (r == -ENODEV)
		warning("%s is written, but there is no display to open it on", path);
	else if (r == -ENOENT)
		warning("%s is written, but there is no %s to open it with", path, opening_name());
	else if (r < 0)
		warning("%s is written, but %s could not open it", path, opening_name());
}

static const char *place_of(const struct placing *placing)
{
	const char *output = placing->choice.wanted->output;
	return output ? output : placing->place ? placing->place : "-";
}

/* A stream tells that it failed, no longer why: the last error may be the one. */
static int why_unwritten(int last)
{
	static const int kinds[] = { ENOSPC, EDQUOT, EFBIG, EPIPE };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (last == kinds[i])
			return -last;
	return -EIO;
}

int placing_draw(const struct placing *placing, int (*draw)(void *context, FILE *out),
		 void *context)
{
	const struct backend *backend = placing->choice.backend;
	struct output output;
	const char *path = place_of(placing);
	const char *name = is_stdout(path) ? "standard output" : path;
	int r = output_open(&output, path, REPLACE_PICTURE);
	if (r < 0)
		return place_say(name, REPLACE_PICTURE, r);
	errno = 0;
	r = draw(context, output.stream);
	int last = errno;
	bool unwritten = r == -EIO && ferror(output.stream);
	if (r < 0 && !unwritten) {
		output_abandon(&output);
		return say_not_drawn(backend, name, r);
	}
	if (!unwritten && backend->remark && *backend->remark())
		warning("%s", backend->remark());
	r = output_commit(&output);
	if (r == -EIO)
		r = why_unwritten(last);
	if (r == 0 && (placing->choice.wanted->open || placing->place))
		open_picture(placing, path);
	return r < 0 ? place_say(name, REPLACE_PICTURE, r) : STATUS_OK;
}

void placing_free(struct placing *placing)
{
	terminal_leave(&placing->choice.terminal);
	free(placing->place);
}
