#include <errno.h>

#include "plotter/export/perfetto.h"

/* Numbers of fields, by message; from perfetto's protos/perfetto/trace. */
enum { TRACE_PACKET = 1 };
enum { PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_TRACK = 60 };
enum {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PROCESS = 3,
	TRACK_PARENT = 5,
	TRACK_COUNTER = 8,
	TRACK_DESCRIPTION = 14
};
enum { PROCESS_PID = 1, PROCESS_NAME = 6 };
enum { COUNTER_UNIT = 3, UNIT_BYTES = 3 };
enum {
	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23
};
enum { ANNOTATION_INT = 4, ANNOTATION_TEXT = 6, ANNOTATION_NAME = 10 };

enum { SEQUENCE = 1 };

/* The packet as an element of the trace. */
static int put_packet(struct perfetto *p)
{
	proto_number(&p->packet, PACKET_SEQUENCE, SEQUENCE);
	proto_clear(&p->inner);
	proto_message(&p->inner, TRACE_PACKET, &p->packet);
	if (p->inner.failed)
		return -ENOMEM;
	fwrite(p->inner.bytes, 1, p->inner.n, p->out);
	return ferror(p->out) ? -EIO : 0;
}

/* ---- tracks ---- */

static int put_track(struct perfetto *p)
{
	proto_clear(&p->packet);
	proto_message(&p->packet, PACKET_TRACK, &p->event);
	return put_packet(p);
}

static void begin_track(struct perfetto *p, uint64_t *track)
{
	*track = ++p->tracks;
	proto_clear(&p->event);
	proto_clear(&p->inner);
	proto_number(&p->event, TRACK_UUID, *track);
	/* By which a file of ours is known. */
	if (*track == 1)
		proto_text(&p->event, TRACK_DESCRIPTION, "recorded by mprof-c");
}

int perfetto_track(struct perfetto *p, uint64_t parent, const char *name, enum perfetto_unit unit,
		   uint64_t *track)
{
	begin_track(p, track);
	if (parent != 0)
		proto_number(&p->event, TRACK_PARENT, parent);
	proto_text(&p->event, TRACK_NAME, name);
	if (unit == PERFETTO_BYTES) {
		proto_number(&p->inner, COUNTER_UNIT, UNIT_BYTES);
		proto_message(&p->event, TRACK_COUNTER, &p->inner);
	}
	return put_track(p);
}

int perfetto_process(struct perfetto *p, pid_t pid, const char *name, uint64_t *track)
{
	begin_track(p, track);
	proto_number(&p->inner, PROCESS_PID, (uint64_t)(int64_t)pid);
	if (name)
		proto_text(&p->inner, PROCESS_NAME, name);
	proto_message(&p->event, TRACK_PROCESS, &p->inner);
	return put_track(p);
}

/* ---- events ---- */

void perfetto_event(struct perfetto *p, enum perfetto_type type, uint64_t track)
{
	proto_clear(&p->event);
	proto_number(&p->event, EVENT_TYPE, type);
	proto_number(&p->event, EVENT_TRACK, track);
}

void perfetto_event_name(struct perfetto *p, const char *name, const char *category)
{
	proto_text(&p->event, EVENT_CATEGORY, category);
	proto_text(&p->event, EVENT_NAME, name);
}

void perfetto_event_bytes(struct perfetto *p, const char *name, int64_t umib)
{
	proto_clear(&p->inner);
	proto_text(&p->inner, ANNOTATION_NAME, name);
	proto_number(&p->inner, ANNOTATION_INT, (uint64_t)export_bytes(umib));
	proto_message(&p->event, EVENT_ANNOTATION, &p->inner);
}

void perfetto_event_text(struct perfetto *p, const char *name, const char *text)
{
	proto_clear(&p->inner);
	proto_text(&p->inner, ANNOTATION_NAME, name);
	proto_text(&p->inner, ANNOTATION_TEXT, text);
	proto_message(&p->event, EVENT_ANNOTATION, &p->inner);
}

int perfetto_event_end(struct perfetto *p, int64_t us)
{
	int64_t at = us + p->part->shift;
	proto_clear(&p->packet);
	proto_number(&p->packet, PACKET_TIMESTAMP, at > 0 ? (uint64_t)at * 1000 : 0);
	proto_message(&p->packet, PACKET_EVENT, &p->event);
	return put_packet(p);
}
