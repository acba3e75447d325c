#include "recorder/recording/descriptors.h"

void descriptors_raise(struct rlimit *before)
{
	if (getrlimit(RLIMIT_NOFILE, before) < 0 || before->rlim_cur >= before->rlim_max)
		return;
	const struct rlimit raised = { before->rlim_max, before->rlim_max };
	setrlimit(RLIMIT_NOFILE, &raised);
}

void descriptors_restore(const struct rlimit *before)
{
	if (before->rlim_max > 0)
		setrlimit(RLIMIT_NOFILE, before);
}
