/* A thread of ours, which may live inside a program that does not know of it: every signal is for
 * the others, and of addresses it takes few. */
#pragma once

#include <pthread.h>

int quiet_thread(pthread_t *thread, void *(*run)(void *), void *context); /* 0 or -errno */
