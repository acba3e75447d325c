#include "recorder/gpu/sysroot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"

const char *sysroot(void)
{
	const char *root = secure_getenv("MPROF_SYSROOT");
	return root ? root : machine_root();
}

void sysroot_path(char path[SYSROOT_PATH], const char *format, ...)
{
	va_list args;
	int n = snprintf(path, SYSROOT_PATH, "%s", sysroot());
	if (n >= SYSROOT_PATH)
		return;
	va_start(args, format);
	vsnprintf(path + n, (size_t)(SYSROOT_PATH - n), format, args);
	va_end(args);
}

ssize_t sysroot_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : read(fd, text, size - 1);
	if (fd >= 0 && n < 0)
		n = -errno;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

int sysroot_number(const char *path, uint64_t *value)
{
	char text[64], *end;
	ssize_t n = sysroot_read(path, text, sizeof text);
	if (n < 0)
		return (int)n;
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno != 0 || (*end != '\n' && *end != '\0'))
		return -EINVAL;
	*value = number;
	return 0;
}
