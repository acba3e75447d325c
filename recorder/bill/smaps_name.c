#include <string.h>

#include "recorder/bill/smaps.h"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* With what the kernel puts behind the name of a file that is no more. */
static bool ends(const char *path, const char *ending)
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(path), m = strlen(ending), d = sizeof deleted - 1;
	if (n > d && strcmp(path + n - d, deleted) == 0)
		n -= d;
	return n > m && strncmp(path + n - m, ending, m) == 0;
}

/* Files that hold nothing but arrays. */
static bool is_array(const char *path)
{
	static const char *const endings[] = { ".npy",   ".npz",     ".memmap",      ".mmap",
					       ".arrow", ".feather", ".safetensors", ".gguf" };
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ends(path, endings[i]))
			return true;
	return false;
}

/* Names that a program gives its maps (PR_SET_VMA_ANON_NAME), as glibc and Android do. */
static enum smaps_name name_of_given(const char *name)
{
	if (strstr(name, "stack"))
		return SMAPS_STACK;
	return strstr(name, "malloc") ? SMAPS_HEAP : SMAPS_NAMELESS;
}

static enum smaps_name name_in_brackets(const char *path)
{
	if (strcmp(path, "[heap]") == 0)
		return SMAPS_HEAP;
	if (begins(path, "[stack"))
		return SMAPS_STACK;
	if (begins(path, "[anon_shmem:"))
		return SMAPS_SHARED;
	return begins(path, "[anon:") ? name_of_given(path) : SMAPS_KERNEL;
}

enum smaps_name smaps_name(const char *path)
{
	if (*path == '\0')
		return SMAPS_NAMELESS;
	if (*path == '[')
		return name_in_brackets(path);
	if (is_array(path))
		return SMAPS_ARRAY;
	if (begins(path, "/dev/shm/") || begins(path, "/memfd:") || begins(path, "/SYSV") ||
	    begins(path, "/dev/zero"))
		return SMAPS_SHARED;
	return *path == '/' && !begins(path, "/dev/") ? SMAPS_FILE : SMAPS_OTHER;
}
