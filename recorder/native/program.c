/* mprof-c-native: names the native frames of page faults for a recorder of mprof-c, which starts it
 * and speaks to it over a socket (wire.h). Of no use alone. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recorder/native/confine.h"
#include "recorder/native/guard.h"
#include "recorder/native/service.h"

static void send_on(void *context, const void *message, size_t n)
{
	ssize_t r;
	(void)context;
	do
		r = send(NATIVE_SOCKET, message, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		_exit(0);
}

static void serve(struct service *service)
{
	static _Alignas(64) unsigned char message[NATIVE_MESSAGE];
	for (;;) {
		ssize_t n = recv(NATIVE_SOCKET, message, sizeof message, 0);
		if (n > 0)
			service_take(service, message, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return;
	}
}

static bool is_called_by_recorder(int argc, char *argv[])
{
	int type;
	socklen_t n = sizeof type;
	return argc == 2 && atoi(argv[1]) == NATIVE_WIRE &&
	       getsockopt(NATIVE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	       type == SOCK_SEQPACKET;
}

int main(int argc, char *argv[])
{
	struct service service;
	if (!is_called_by_recorder(argc, argv)) {
		fprintf(stderr,
			"mprof-c-native: mprof-c starts this program when it records; it is "
			"of no use alone\n");
		return 2;
	}
	confine();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_open();
	if (elf_version(EV_CURRENT) == EV_NONE)
		return 1;
	service_open(&service, send_on, NULL);
	serve(&service);
	_exit(0); /* nothing of ours outlives us */
}
