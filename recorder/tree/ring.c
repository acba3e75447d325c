#include "recorder/tree/ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int ring_open(struct ring *ring, int fd, size_t *data)
{
	*ring = (struct ring){ .fd = fd };
	do {
		ring->data = *data;
		ring->pages =
			mmap(NULL, page_size() + *data, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (ring->pages != MAP_FAILED)
			return 0;
		*data /= 2;
	} while ((errno == EPERM || errno == ENOMEM) && *data >= page_size());
	ring->pages = NULL;
	return -errno;
}

void ring_see(struct ring *ring)
{
	const struct perf_event_mmap_page *positions = ring->pages;
	if (positions)
		ring->head = __atomic_load_n(&positions->data_head, __ATOMIC_ACQUIRE);
}

static void go_to(struct ring *ring, uint64_t tail)
{
	struct perf_event_mmap_page *positions = ring->pages;
	ring->tail = tail;
	__atomic_store_n(&positions->data_tail, tail, __ATOMIC_RELEASE);
}

static void copy_out(struct ring *ring, size_t at, size_t n)
{
	const unsigned char *data = (const unsigned char *)ring->pages + page_size();
	size_t first = ring->data - at;
	memcpy(ring->straddling, data + at, first);
	memcpy(ring->straddling + first, data, n - first);
}

/* Its header never straddles: all records are of multiples of 8 bytes, as is a header. What is too
 * long is passed over. */
static size_t parse_at(struct ring *ring)
{
	const unsigned char *data = (const unsigned char *)ring->pages + page_size();
	size_t at = (size_t)(ring->tail & (ring->data - 1)), n;
	size_t written = (size_t)(ring->head - ring->tail);
	struct perf_event_header head;
	ring->next.kind = EVENT_OTHER;
	if (ring->data - at < sizeof head || written < sizeof head)
		return 0;
	memcpy(&head, data + at, sizeof head);
	n = head.size;
	if (n > written || n > ring->data || n < sizeof head)
		return 0;
	if (n <= ring->data - at)
		return event_parse(data + at, n, ring->counted, &ring->next);
	if (!ring->straddling)
		ring->straddling = malloc(EVENT_LONGEST);
	if (n > EVENT_LONGEST || !ring->straddling)
		return n;
	copy_out(ring, at, n);
	return event_parse(ring->straddling, n, ring->counted, &ring->next);
}

/* A record that makes no sense empties the ring. */
int ring_peek(struct ring *ring)
{
	while (ring->length == 0 && ring->tail != ring->head) {
		size_t n = parse_at(ring);
		if (n > 0 && ring->next.kind != EVENT_OTHER)
			ring->length = n;
		else
			go_to(ring, n > 0 ? ring->tail + n : ring->head);
	}
	return ring->length > 0;
}

void ring_pass(struct ring *ring)
{
	go_to(ring, ring->tail + ring->length);
	ring->length = 0;
}

void ring_close(struct ring *ring)
{
	if (ring->pages)
		munmap(ring->pages, page_size() + ring->data);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring->straddling);
	*ring = (struct ring){ .fd = -1 };
}
