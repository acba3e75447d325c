#include "share/commands/peak_gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/card_facts.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"

static const double SHORTEST = 0.1; /* seconds between two figures of a device */
enum { MOST_DEVICES = 32 };

/* The META value "gpuNUMBER…", or NULL. */
static const char *setting_of(const struct profile *p, const char *device, const char *what)
{
	char key[64];
	snprintf(key, sizeof key, "gpu%s%s", device, what);
	return profile_setting(p, key);
}

static bool number_of(const struct profile *p, const char *device, const char *what, double *value)
{
	const char *text = setting_of(p, device, what);
	return text && number_decimal(text, value) == 0;
}

static void print_line(const char *device, const char *what, double mib, const char *note)
{
	char *shown = text_printable(device), label[96];
	snprintf(label, sizeof label, "GPU %s: %s", shown ? shown : "", what);
	printf("  %-30s%.3f MiB  %s\n", label, mib, note);
	free(shown);
}

/* "of 81559 MiB on NVIDIA H100, ", as far as it is known. */
static void describe(const struct profile *p, const char *device, char *out, size_t size)
{
	double total;
	const char *name = setting_of(p, device, "");
	char *shown = name ? text_printable(name) : NULL, of[64] = "";
	if (number_of(p, device, "_total", &total))
		snprintf(of, sizeof of, "of %.0f MiB ", total);
	if (shown)
		snprintf(out, size, "%son %s, ", of, shown);
	else
		snprintf(out, size, "%s%s", of, *of ? "there, " : "");
	free(shown);
}

static void print_sampled(const struct profile *p, const struct profile_gpu *gpu, bool whole)
{
	char place[256], note[512], every[32];
	double interval = SHORTEST;
	const char *text = profile_setting(p, "interval");
	if (!text || number_decimal(text, &interval) < 0 || interval < SHORTEST)
		interval = SHORTEST;
	snprintf(every, sizeof every, "%g", interval);
	describe(p, gpu->device, place, sizeof place);
	bool unified = setting_of(p, gpu->device, "_memory") && whole;
	bool eliminated = setting_of(p, gpu->device, "_whose") && !whole;
	snprintf(note, sizeof note, "%s%s%sat least: sampled at most every %s s", place,
		 whole        ? "whoever held it, "
		 : eliminated ? "by elimination: no other process there can be it, "
			      : "",
		 unified ? "of the machine's own memory, which it shares, " : "", every);
	print_line(gpu->device, whole ? "whole device" : "program and children",
		   sample_mib(whole ? gpu->device_peak.umib : gpu->tree_peak.umib), note);
}

/* A failure between two samples tells of more than they do. */
static void print_failed(const struct profile *p, const struct profile_gpu *gpu)
{
	struct sample peak;
	if (card_peak(&peak, p, gpu))
		print_line(gpu->device, "as it failed", sample_mib(peak.umib),
			   "of one process, at least: its pool's figure and the driver's then");
}

/* What the driver kept of each process is exact; when the processes held it, nobody tells. */
static void print_exact(const struct profile *p, const char *device)
{
	double largest, sum, processes;
	char note[160];
	if (!number_of(p, device, "_peak", &largest))
		return;
	if (number_of(p, device, "_peak_sum", &sum) &&
	    number_of(p, device, "_peak_processes", &processes))
		snprintf(note, sizeof note,
			 "the driver's own mark of the largest of %.0f processes; all together at "
			 "most %.3f MiB",
			 processes, sum);
	else
		snprintf(note, sizeof note, "the driver's own mark of the process");
	print_line(device, "exact peak", largest, note);
}

static bool has_series(const struct profile *p, const char *device)
{
	for (size_t i = 0; i < p->n_gpus; i++)
		if (strcmp(p->gpus[i].device, device) == 0)
			return true;
	return false;
}

void peak_print_gpus(const struct profile *p)
{
	char device[16];
	for (size_t i = 0; i < p->n_gpus; i++) {
		if (p->gpus[i].tree_peak.us > 0)
			print_sampled(p, &p->gpus[i], false);
		if (p->gpus[i].device_peak.us > 0)
			print_sampled(p, &p->gpus[i], true);
		print_failed(p, &p->gpus[i]);
		print_exact(p, p->gpus[i].device);
	}
	for (int i = 0; i < MOST_DEVICES; i++) { /* a program too quick to be sampled */
		snprintf(device, sizeof device, "%d", i);
		if (!has_series(p, device))
			print_exact(p, device);
	}
}
