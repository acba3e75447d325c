#include "recorder/probes/exposition.h"

#include <stdio.h>

#include "recorder/recording/recording.h"
#include "share/version.h"
#include "tests/check.h"

static struct recording recording;
static char path[] = "out/a.dat";

static void begin(void)
{
	static char program[] = "./train.py", option[] = "--name", value[] = "a \"b\"\\\n";
	static char *words[] = { program, option, value, NULL };
	recording = (struct recording){ .path = path, .us = 1700000000123456 };
	recording.options.interval = 0.5;
	sampler_start(&recording.sampler, 0.5);
	recording.source = source_find("rss");
	recording.memory.bytes = 4096;
	recording.memory.samples = 7;
	recording.target.pid = 77;
	recording.proxy.words = words;
}

/* Without the line of the run, which says where it is. */
static char *text_of(const struct exposition_labels *labels, uint64_t peak, char **info)
{
	const struct exposition e = { &recording, *labels, peak };
	size_t size;
	char *text = exposition_text(&e, &size);
	CHECK(text && strlen(text) == size);
	*info = text ? strstr(text, "\nmprof_run_info") : NULL;
	if (*info)
		*(*info)++ = '\0';
	return text;
}

#define HEAD(name, type, help) "# HELP mprof_" name " " help "\n# TYPE mprof_" name " " type "\n"

/* What stands here never changes: of two files whose HELP differs node_exporter reads one. */
static void all_that_there_can_be(void)
{
	static const char
		expected[] =
			HEAD(
				"memory_rss_bytes",
				"gauge", "What the recorded program, or all of its tree, holds: rss.") "mprof_memory_rss_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 4096\n" HEAD("memory_rss_peak_bytes", "gauge", "The most that it has held so far, as far as is known: rss.") "mprof_memory_rss_peak_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 8192\n" HEAD("memory_cgroup_anon_bytes",
																																															      "gauge",
																																															      "What the recorded program, or all of its tree, holds: cgroup.anon.") "mprof_memory_cgroup_anon_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 5\n" HEAD("gpu_memory_bytes", "gauge", "VRAM held on a GPU, by the recorded tree or by all that use it.") "mprof_gpu_memory_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\",gpu=\"0\",scope=\"tree\"} 0\n"
																																																																																  "mprof_gpu_memory_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\",gpu=\"2\",scope=\"device\"} 9\n" HEAD(
																																																																																	  "memory_limit_bytes",
																																																																																	  "gauge", "What its control group allows, where that is below the machine's.") "mprof_memory_limit_bytes{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\",kind=\"cgroup\"} 65536\n" HEAD("samples_total",
																																																																																																								    "counter", "Samples that were taken.") "mprof_samples_total{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 7\n" HEAD("last_sample_timestamp_seconds", "gauge", "When the last of them was taken, in seconds since 1970.") "mprof_last_sample_timestamp_seconds{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 1700000000.123\n" HEAD("sample_interval_seconds",
																																																																																																																																																		   "gauge",
																																																																																																																																																		   "What was asked for between two of them, in seconds.") "mprof_sample_interval_seconds{job_id=\"17\",step_id=\"0\",rank=\"3\",node=\"n1\"} 0.5\n"
																																																																																																																																																									  "# HELP mprof_run_info What is recorded, by whom.\n# TYPE mprof_run_info gauge";
	char *info;
	begin();
	recording.values.items[0] = (struct value_result){ "cgroup.anon", true, 5 };
	recording.values.items[1] = (struct value_result){ "pss", false, 6 };
	recording.vram.devices[0] = (struct vram_device){ true, false, 0 };
	recording.vram.devices[1] = (struct vram_device){ false, true, 8 };
	recording.vram.devices[2] = (struct vram_device){ true, true, 9 };
	recording.limit = (struct limit_result){ 65536, "cgroup" };
	char *text =
		text_of(&(struct exposition_labels){ "17", "0", "3", "n1", NULL }, 8192, &info);
	CHECK_STR(text, expected);
	CHECK(info && strstr(info, ",command=\"./train.py --name a \\\"b\\\"\\\\\\n\",host=\""));
	CHECK(info &&
	      strstr(info, "\",pid=\"77\",profile=\"a.dat\",version=\"" MPROF_VERSION "\"} 1\n"));
	free(text);
}

static void what_is_not_known_has_no_line(void)
{
	char *info;
	begin();
	recording.target.pid = 0;
	recording.limit = (struct limit_result){ 0, "none" };
	char *text = text_of(&(struct exposition_labels){ .profile = "a.dat" }, 1, &info);
	CHECK(text && !strstr(text, "limit") && !strstr(text, "gpu"));
	CHECK(text && strstr(text, "mprof_memory_rss_bytes{profile=\"a.dat\"} 4096\n"));
	CHECK(info && !strstr(info, "pid="));
	free(text);
}

/* Cut at 256 bytes, and never inside a character. */
static void a_long_command_is_cut(void)
{
	static char word[1000];
	char *words[] = { word, NULL }, *info;
	for (int shift = 0; shift < 3; shift++) {
		begin();
		memset(word, 'x', (size_t)shift);
		for (size_t i = (size_t)shift; i + 3 < sizeof word; i += 3)
			memcpy(word + i, "…", 4);
		recording.proxy.words = words;
		char *text = text_of(&(struct exposition_labels){ 0 }, 1, &info);
		const char *command = info ? strstr(info, "command=\"") + 9 : "";
		size_t n = strcspn(command, "\"");
		CHECK(n > 250 && n <= 260);
		CHECK(!strstr(command, "\xef\xbf\xbd"));
		free(text);
	}
}

int main(void)
{
	RUN(all_that_there_can_be);
	RUN(what_is_not_known_has_no_line);
	RUN(a_long_command_is_cut);
	return DONE();
}
