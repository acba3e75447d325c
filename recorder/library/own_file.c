#include "recorder/library/own_file.h"

#include <errno.h>

int own_file_create(struct own_file *file, const char *path)
{
	int e = profile_create(&file->writer, path, PROFILE_REPLACE);
	file->writer.guest = true;
	descriptor_keep(&file->descriptor, file->writer.fd);
	return e;
}

static void check(struct own_file *file)
{
	if (file->writer.fd < 0 || descriptor_is_own(&file->descriptor))
		return;
	file->writer.fd = -1;
	file->writer.error = -EBADF;
}

int own_file_flush(struct own_file *file)
{
	check(file);
	return profile_flush(&file->writer);
}

int own_file_finish(struct own_file *file)
{
	check(file);
	return profile_finish(&file->writer);
}
