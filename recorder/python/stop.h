/* Stopping a thread for the time of one look, so that its stack holds still. Nothing stays behind:
 * between two looks anybody else may trace it, and its end and its signals are its own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct stop {
	pid_t thread; /* 0: none is stopped */
	bool ours;    /* it is our own child */
	int signal;   /* it was about to get, and gets when it goes on */
};

/* Stops it if it is running: one that sleeps stands still as it is, and would be woken. False: it
 * was not stopped, for that reason or because it may not be. */
bool stop_make(struct stop *stop, pid_t process, pid_t thread);
void stop_release(struct stop *stop);
