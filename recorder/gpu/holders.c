#include "recorder/gpu/holders.h"

#include <stdlib.h>

#include "share/array.h"

enum { MOST = 4096 }; /* holders */

void gpu_add_part(struct gpu_reading *reading, pid_t pid, uint64_t bytes)
{
	size_t i = 0;
	reading->share = GPU_SHARE;
	reading->mine += bytes;
	while (i < reading->n_parts && reading->parts[i].pid != pid)
		i++;
	reading->cut |= i == GPU_PARTS;
	if (i == GPU_PARTS)
		return;
	if (i == reading->n_parts)
		reading->parts[reading->n_parts++] = (struct gpu_part){ .pid = pid };
	reading->parts[i].bytes += bytes;
}

static struct holder *holder_of(struct holders *h, unsigned device, pid_t pid)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->all[i].device == device && h->all[i].pid == pid)
			return &h->all[i];
	struct holder *new = h->n < MOST ? array_more(&h->all, &h->n, sizeof *new) : NULL;
	if (new)
		*new = (struct holder){ .device = device, .pid = pid };
	return new;
}

static void take_part(struct holders *h, unsigned device, const struct gpu_part *part,
		      holders_change *change, void *context)
{
	struct holder *holder = holder_of(h, device, part->pid);
	if (!holder)
		return;
	holder->told = true;
	if (holder->bytes != part->bytes)
		change(context, device, part->pid, holder->bytes, part->bytes);
	holder->bytes = part->bytes;
}

/* Who is not told any more is forgotten as well: its number may become another's. */
static void drop_others(struct holders *h, unsigned device, holders_change *change, void *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < h->n; i++) {
		struct holder holder = h->all[i];
		if (holder.device == device && !holder.told) {
			if (holder.bytes > 0)
				change(context, device, holder.pid, holder.bytes, 0);
			continue;
		}
		holder.told = false;
		h->all[kept++] = holder;
	}
	h->n = kept;
}

void holders_take(struct holders *h, unsigned device, const struct gpu_reading *reading,
		  holders_change *change, void *context)
{
	if (reading->cut) /* who is missing may hold as much as before */
		return;
	for (size_t i = 0; i < reading->n_parts; i++)
		take_part(h, device, &reading->parts[i], change, context);
	drop_others(h, device, change, context);
}

void holders_free(struct holders *h)
{
	free(h->all);
}
