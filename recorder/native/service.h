/* Takes the recorder's messages and makes the answers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "recorder/native/frames.h"
#include "recorder/native/modules.h"
#include "recorder/native/processes.h"
#include "recorder/native/wire.h"

/* Takes a message away. */
typedef void service_send(void *context, const void *message, size_t n);

struct service {
	struct processes processes;
	struct modules modules;
	struct frames frames;
	uint64_t questions;
	service_send *send;
	void *context;
};

void service_open(struct service *service, service_send *send, void *context);

/* One message of the recorder's; what is not whole is let pass. guard.h is open. */
void service_take(struct service *service, const void *message, size_t n);
void service_close(struct service *service);
