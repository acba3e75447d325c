#include "share/profile/peek.h"

#include <string.h>

static ssize_t peek_read(void *handle, void *buffer, size_t size)
{
	struct peeked *p = handle;
	size_t left = p->n - p->used, n = left < size ? left : size;
	if (left == 0)
		return p->file.read(p->file.handle, buffer, size);
	memcpy(buffer, p->head + p->used, n);
	p->used += n;
	return (ssize_t)n;
}

static void peek_close(void *handle)
{
	struct peeked *p = handle;
	profile_close(&p->file);
}

static bool peek_cut(void *handle)
{
	struct peeked *p = handle;
	return p->file.cut(p->file.handle);
}

int peek_open(struct peeked *p, const struct profile_input *file, struct profile_input *input)
{
	*p = (struct peeked){ .file = *file };
	while (p->n < sizeof p->head) {
		ssize_t n = file->read(file->handle, p->head + p->n, sizeof p->head - p->n);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		p->n += (size_t)n;
	}
	*input = (struct profile_input){ .read = peek_read,
					 .close = peek_close,
					 .cut = file->cut ? peek_cut : NULL,
					 .handle = p,
					 .owner = file->owner,
					 .owned = file->owned };
	return 0;
}
