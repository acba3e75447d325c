/* AMD's and Intel's devices, as the kernel's drivers tell of them: of a card under
 * /sys/class/drm/cardN (amdgpu: device/mem_info_vram_used and _total; of the size alone, xe:
 * device/tileN/physical_vram_size_bytes, i915: lmem_total_bytes), of a process under
 * /proc/PID/fdinfo (fdinfo.h). What an integrated GPU takes is the machine's memory, and none of
 * this. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/gpu/backend.h"
#include "recorder/gpu/fdinfo.h"
#include "recorder/gpu/sysroot.h"
#include "share/array.h"
#include "share/text.h"

enum { AMD = 0x1002, INTEL = 0x8086, NVIDIA = 0x10de, MOST_TILES = 8 };

struct card {
	char address[32]; /* PCI */
	char number[16];  /* "card0"; empty: known from a process only */
	struct gpu_device device;
	bool has_used;
	bool has_vram; /* it has memory of its own: without a size in /sys, a process told so */
};

struct client { /* an open file of one card */
	size_t card;
	uint64_t id;
};

struct drm {
	struct card cards[GPU_MOST]; /* those with has_vram first, in the order in which it was
					known: that is their number outside */
	size_t n, n_devices;
	struct client *clients; /* counted in this reading */
	size_t n_clients;
	struct gpu_reading *readings; /* being filled */
};

/* ---- cards ---- */

static void base_name_of_link(const char *path, char *out, size_t size)
{
	char link[SYSROOT_PATH];
	ssize_t n = readlink(path, link, sizeof link - 1);
	link[n > 0 ? n : 0] = '\0';
	snprintf(out, size, "%.*s", (int)size - 1, text_base_name(link));
}

static uint64_t vendor_of(const char *number)
{
	char path[SYSROOT_PATH], text[32];
	sysroot_path(path, "/sys/class/drm/%s/device/vendor", number);
	return sysroot_read(path, text, sizeof text) > 0 ? strtoull(text, NULL, 16) : 0;
}

static uint64_t total_of(const char *number)
{
	static const char *const files[] = { "device/mem_info_vram_total", "lmem_total_bytes",
					     "device/lmem_total_bytes" };
	char path[SYSROOT_PATH];
	uint64_t bytes = 0, sum = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		sysroot_path(path, "/sys/class/drm/%s/%s", number, files[i]);
		if (sysroot_number(path, &bytes) == 0 && bytes > 0)
			return bytes;
	}
	for (int tile = 0; tile < MOST_TILES; tile++) {
		sysroot_path(path, "/sys/class/drm/%s/device/tile%d/physical_vram_size_bytes",
			     number, tile);
		if (sysroot_number(path, &bytes) < 0)
			break;
		sum += bytes;
	}
	return sum;
}

/* Intel's integrated GPUs sit on the root bus, and those of its cards on others. NVIDIA's own
 * driver is asked elsewhere; a virtual machine's card has no memory worth a series. */
static bool is_worth_a_look(const char *number)
{
	char path[SYSROOT_PATH], name[64];
	switch (vendor_of(number)) {
	case AMD: return true;
	case INTEL:
		sysroot_path(path, "/sys/class/drm/%s/device", number);
		base_name_of_link(path, name, sizeof name);
		return strncmp(name, "0000:00:", 8) != 0;
	case NVIDIA:
		sysroot_path(path, "/sys/class/drm/%s/device/driver", number);
		base_name_of_link(path, name, sizeof name);
		return strcmp(name, "nouveau") == 0;
	default: return false;
	}
}

/* "card0", and none of its connectors "card0-HDMI-A-1". */
static bool is_card(const char *name)
{
	return strncmp(name, "card", 4) == 0 && name[4] != '\0' &&
	       name[4 + strspn(name + 4, "0123456789")] == '\0' && strlen(name) < 16;
}

static int each_card(int (*visit)(void *context, const char *number), void *context)
{
	char path[SYSROOT_PATH];
	int r = 0;
	sysroot_path(path, "/sys/class/drm");
	DIR *folder = opendir(path);
	if (!folder)
		return -errno;
	for (struct dirent *entry; r == 0 && (entry = readdir(folder));)
		if (is_card(entry->d_name) && is_worth_a_look(entry->d_name))
			r = visit(context, entry->d_name);
	closedir(folder);
	return r;
}

static int one_is_enough(void *context, const char *number)
{
	(void)context, (void)number;
	return 1;
}

bool gpu_drm_is_there(void)
{
	return each_card(one_is_enough, NULL) == 1;
}

static void name_card(struct card *card)
{
	char path[SYSROOT_PATH], product[GPU_NAME] = "";
	sysroot_path(path, "/sys/class/drm/%s/device/product_name", card->number);
	if (*card->number)
		sysroot_read(path, product, sizeof product);
	product[strcspn(product, "\n")] = '\0';
	uint64_t vendor = *card->number ? vendor_of(card->number) : 0;
	if (*product)
		snprintf(card->device.name, GPU_NAME, "%s", product);
	else
		snprintf(card->device.name, GPU_NAME, "%sGPU %s",
			 vendor == AMD     ? "AMD "
			 : vendor == INTEL ? "Intel "
					   : "",
			 card->address);
}

/* A new card goes to the end of the devices, or behind them. */
static struct card *add_card(struct drm *drm, struct card card)
{
	if (drm->n == GPU_MOST)
		return NULL;
	name_card(&card);
	drm->cards[drm->n] = card;
	return &drm->cards[drm->n++];
}

static int by_number(const void *a, const void *b)
{
	const struct card *x = a, *y = b;
	if (x->has_vram != y->has_vram)
		return x->has_vram ? -1 : 1;
	return atoi(x->number + 4) - atoi(y->number + 4);
}

static int note_card(void *context, const char *number)
{
	struct card card = { .device.total = total_of(number) };
	char path[SYSROOT_PATH];
	uint64_t used;
	strcpy(card.number, number);
	sysroot_path(path, "/sys/class/drm/%s/device", number);
	base_name_of_link(path, card.address, sizeof card.address);
	sysroot_path(path, "/sys/class/drm/%s/device/mem_info_vram_used", number);
	card.has_used = sysroot_number(path, &used) == 0;
	card.has_vram = card.device.total > 0 || card.has_used;
	add_card(context, card);
	return 0;
}

static int drm_open(void *state, char reason[GPU_REASON])
{
	struct drm *drm = state;
	(void)reason;
	each_card(note_card, drm);
	qsort(drm->cards, drm->n, sizeof *drm->cards, by_number);
	while (drm->n_devices < drm->n && drm->cards[drm->n_devices].has_vram)
		drm->n_devices++;
	return drm->n > 0 ? 0 : -ENODEV;
}

/* ---- processes ---- */

/* A process holds memory of this card, so it has some: it becomes the next device. */
static struct card *promote(struct drm *drm, struct card *card)
{
	struct card promoted = *card, *place = &drm->cards[drm->n_devices++];
	*card = *place;
	*place = promoted;
	place->has_vram = true;
	drm->readings[place - drm->cards] = (struct gpu_reading){ 0 };
	return place;
}

static struct card *card_at(struct drm *drm, const char *address)
{
	struct card *card = NULL;
	for (size_t i = 0; i < drm->n && !card; i++)
		if (strcmp(drm->cards[i].address, address) == 0)
			card = &drm->cards[i];
	if (!card) {
		struct card new = { 0 };
		snprintf(new.address, sizeof new.address, "%s", address);
		card = add_card(drm, new);
	}
	return card && !card->has_vram ? promote(drm, card) : card;
}

/* Descriptors that were duplicated, inherited or sent stand for one client, which holds its memory
 * once. */
static bool is_counted(struct drm *drm, size_t card, uint64_t id)
{
	for (size_t i = 0; i < drm->n_clients; i++)
		if (drm->clients[i].card == card && drm->clients[i].id == id)
			return true;
	struct client *client = array_more(&drm->clients, &drm->n_clients, sizeof *client);
	if (client)
		*client = (struct client){ card, id };
	return false;
}

static int count_file(void *context, pid_t pid, const char *fd)
{
	struct drm *drm = context;
	struct fdinfo info;
	char path[SYSROOT_PATH], text[8192];
	sysroot_path(path, "/proc/%d/fdinfo/%s", (int)pid, fd);
	if (sysroot_read(path, text, sizeof text) <= 0 || fdinfo_parse(text, &info) < 0 ||
	    !info.has_vram || !*info.device || strncmp(info.driver, "nvidia", 6) == 0)
		return 0;
	struct card *card = card_at(drm, info.device);
	if (!card || (info.has_client && is_counted(drm, (size_t)(card - drm->cards), info.client)))
		return 0;
	gpu_add_part(&drm->readings[card - drm->cards], pid, info.vram);
	return 0;
}

static void read_card(const struct card *card, struct gpu_reading *reading)
{
	char path[SYSROOT_PATH];
	if (!card->has_used)
		return;
	sysroot_path(path, "/sys/class/drm/%s/device/mem_info_vram_used", card->number);
	int r = sysroot_number(path, &reading->used);
	reading->has_used = r == 0;
	if (r == 0)
		return;
	reading->error = access(path, F_OK) < 0 ? -ENODEV : -EIO;
	snprintf(reading->reason, GPU_REASON, "mem_info_vram_used cannot be read: %s",
		 strerror(-r));
}

static size_t drm_read(void *state, struct kin *kin, struct gpu_reading readings[GPU_MOST])
{
	struct drm *drm = state;
	drm->readings = readings;
	drm->n_clients = 0;
	for (size_t i = 0; i < drm->n_devices; i++) {
		readings[i] = (struct gpu_reading){ 0 };
		read_card(&drm->cards[i], &readings[i]);
	}
	kin_files(kin, "/dev/dri/", count_file, drm);
	return drm->n_devices;
}

static const struct gpu_device *drm_device(const void *state, size_t at)
{
	const struct drm *drm = state;
	return &drm->cards[at].device;
}

static void drm_close(void *state)
{
	struct drm *drm = state;
	free(drm->clients);
}

static const char *const files[] = { "/dev/dri/", "/dev/kfd", NULL };

const struct gpu_backend gpu_drm = {
	.name = "drm",
	.files = files,
	.state_size = sizeof(struct drm),
	.open = drm_open,
	.read = drm_read,
	.device = drm_device,
	.close = drm_close,
};
