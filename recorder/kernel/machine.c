#include "recorder/kernel/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *root = "";

const char *machine_root(void)
{
	return root;
}

void machine_pretend(const char *folder)
{
	root = folder ? folder : "";
}

void machine_path(char path[MACHINE_PATH], const char *format, ...)
{
	va_list args;
	size_t n = strnlen(root, MACHINE_PATH - 1);
	memcpy(path, root, n);
	va_start(args, format);
	vsnprintf(path + n, MACHINE_PATH - n, format, args);
	va_end(args);
}
