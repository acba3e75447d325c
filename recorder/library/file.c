#include "recorder/library/file.h"

#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/arguments.h"
#include "recorder/recording/head.h"
#include "recorder/recording/instance.h"
#include "recorder/recording/launcher.h"
#include "share/version.h"

int file_put_head(const struct mprof_recorder *r, struct profile_writer *writer)
{
	char **arguments = arguments_of(getpid());
	char *unknown[] = { (char[]){ "?" }, NULL };
	const struct head head = {
		.tool = "libmprof-c/" MPROF_VERSION,
		.metric = r->options.metric,
		.interval = r->options.interval,
		.pid = getpid(),
		.user = getuid(),
		.epoch = r->sampler.epoch,
		.tree = r->options.tree,
		.command = arguments && arguments[0] ? arguments : unknown,
	};
	struct launcher launcher;
	launcher_ask(&launcher, getpid());
	int e = head_put(&head, writer);
	if (e == 0)
		e = instance_put(writer, &launcher);
	launcher_free(&launcher);
	free(arguments);
	return e;
}

int file_put_foot(struct profile_writer *writer, int64_t us, const struct mprof_summary *summary)
{
	return profile_put(writer,
			   &(struct profile_record){
				   .kind = PROFILE_EXIT,
				   .status = PROFILE_STATUS_UNKNOWN,
				   .at.us = us,
				   .peak = sample_umib(summary->peak_is_exact ? summary->peak : 0),
				   .samples = summary->samples,
				   .missed = summary->missed,
			   });
}
