#include "recorder/where/native.h"

struct native *native_open(void)
{
	return NULL;
}

pid_t native_pid(const struct native *native)
{
	(void)native;
	return 0;
}

void native_tell(struct native *native, const struct event *event)
{
	(void)native;
	(void)event;
}

bool native_ask(struct native *native, uint64_t ticket, const struct fault *fault)
{
	(void)native;
	(void)ticket;
	(void)fault;
	return false;
}

bool native_next(struct native *native, struct native_answer *answer)
{
	(void)native;
	(void)answer;
	return false;
}

int native_fd(const struct native *native)
{
	(void)native;
	return -1;
}

bool native_settle(struct native *native, int64_t patience)
{
	(void)native;
	(void)patience;
	return true;
}

void native_close(struct native *native)
{
	(void)native;
}
