/* Which failure of a GPU mattered, and by whose bill it is judged. */
#include "share/growth/card_facts.h"
#include "share/profile/record.h"
#include "tests/check.h"

#define GIB(x) ((int64_t)((x)*1024 * 1e6))

static char device[] = "0", nobody[] = "-", who[] = "torch 2.11.0";
static struct profile_owed bill[8];
static struct profile_oom ooms[16];
static struct profile profile;
static struct growth growth;

static struct profile_owed owed(const char *class, double gib)
{
	return (struct profile_owed){ (char *)(uintptr_t) class, nobody, GIB(gib) };
}

static void made(void)
{
	profile = (struct profile){ .ooms = ooms };
	bill[0] = owed("total", 80);
	bill[1] = owed("free", 1);
	bill[2] = owed("allocated", 70);
	bill[3] = owed("reserved", 72);
	bill[4] = owed("weights", 10);
	bill[5] = owed("gradients", 10);
	bill[6] = owed("optimizer", 20);
	bill[7] = owed("outside", 1);
}

/* One more, with so many figures of the bill. */
static void fails(pid_t pid, double seconds, size_t n_owed)
{
	ooms[profile.n_ooms++] = (struct profile_oom){
		.at = { (int64_t)(seconds * 1e6), GIB(2) },
		.pid = pid,
		.device = device,
		.who = who,
		.owed = bill,
		.n_owed = n_owed,
	};
}

static void first_of_the_ranks(void)
{
	struct card card;
	const struct profile_oom *ranks[CARD_RANKS];
	made();
	fails(9, 10, 8); /* long before, and survived */
	fails(8, 100, 8);
	fails(7, 99.5, 8); /* read later, but it failed earlier */
	fails(6, 101, 8);
	fails(8, 102, 8); /* tried again */
	CHECK_INT((int64_t)card_ranks(&profile, ranks), 3);
	CHECK_INT(ranks[0]->pid, 7);
	CHECK_INT(ranks[1]->pid, 6);
	CHECK_INT(ranks[2]->pid, 8);
	CHECK(ranks[2]->at.us == 102000000);
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK_INT(card.oom->pid, 7);
	CHECK_INT((int64_t)card.others, 2);
	card_close(&card);
	made();
	CHECK_INT((int64_t)card_ranks(&profile, ranks), 0);
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(!card.oom);
	card_close(&card);
}

/* One that goes on is not what the others died of. */
static void ranks_that_survive(void)
{
	static struct profile_child children[2];
	const struct profile_oom *ranks[CARD_RANKS];
	struct card card;
	made();
	fails(7, 99.5, 8);
	fails(8, 100, 8);
	children[0] = (struct profile_child){ .pid = 7, .gone = 104000000, .status = 0 };
	children[1] = (struct profile_child){ .pid = 8, .gone = 100500000, .status = 1 };
	profile.children = children;
	profile.n_children = 2;
	CHECK_INT((int64_t)card_ranks(&profile, ranks), 2);
	CHECK_INT(ranks[0]->pid, 8);
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK_INT((int64_t)card.others, 0);
	CHECK_INT(card.fate.end, CARD_DIED);
	CHECK(!card.fate.told);
	card_close(&card);
	CHECK_INT(card_fate_of(&profile, ranks[1]).end, CARD_WENT_ON);
}

/* What its process told at its end, against what moments tell. */
static void fates(void)
{
	static struct profile_child child;
	static struct profile_owed end;
	static struct profile_vram_step step;
	struct card_fate fate;
	made();
	fails(8, 100, 0);
	child = (struct profile_child){ .pid = 8, .gone = 100500000, .status = 1 };
	profile.children = &child;
	profile.n_children = 1;
	CHECK_INT(card_fate_of(&profile, &ooms[0]).end, CARD_DIED);
	child.gone = 110000000;
	CHECK_INT(card_fate_of(&profile, &ooms[0]).end, CARD_MAY_HAVE_DIED);
	child.gone = 200000000;
	CHECK_INT(card_fate_of(&profile, &ooms[0]).end, CARD_END_UNTOLD);
	child.gone = 101000000;
	step = (struct profile_vram_step){ .us = 100700000, .umib = GIB(1), .pid = 8 };
	profile.vram.steps = &step;
	profile.vram.n_steps = 1;
	CHECK_INT(card_fate_of(&profile, &ooms[0]).end, CARD_MAY_HAVE_DIED);
	step.umib = -GIB(1);
	CHECK_INT(card_fate_of(&profile, &ooms[0]).end, CARD_DIED);
	static char outlived[] = "outlived", ended[] = "ended", type[] = "ValueError";
	end = (struct profile_owed){ outlived, type, PROFILE_UNTOLD };
	ooms[0].owed = &end;
	ooms[0].n_owed = 1;
	fate = card_fate_of(&profile, &ooms[0]);
	CHECK(fate.end == CARD_OUTLIVED && fate.told && strcmp(fate.exception, type) == 0);
	CHECK(card_survived(fate.end));
	end.class = ended;
	child.gone = 200000000;
	fate = card_fate_of(&profile, &ooms[0]);
	CHECK(fate.end == CARD_DIED && fate.told);
}

/* A card that is cut up is told by the program, and its instances by the driver. */
static void curve_of_an_instance(void)
{
	static struct profile_gpu gpus[2];
	static struct column columns[2];
	static struct profile_vram_step steps[2];
	static char one[] = "1";
	static char *devices[] = { one };
	struct card card;
	made();
	fails(8, 100, 8);
	gpus[0].device = device;
	gpus[1].device = one;
	for (int i = 0; i < 2; i++) {
		columns[i].n = 1;
		columns[i].low = columns[i].high = (struct sample){ 90000000, GIB(i + 5) };
		gpus[i].series.columns.items = &columns[i];
		gpus[i].series.columns.n = 1;
	}
	profile.gpus = gpus;
	profile.n_gpus = 2;
	steps[0] = (struct profile_vram_step){ .us = 1, .umib = 1, .pid = 8, .device = 0 };
	profile.vram = (struct profile_vram){ .steps = steps, .n_steps = 1, .devices = devices };
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(card.facts.n == 1 && card.facts.curve[0].umib == GIB(5));
	card_close(&card);
	struct profile_setting settings[] = { { (char[]){ "gpu0_total" }, (char[]){ "163840" } } };
	profile.settings = settings;
	profile.n_settings = 1;
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(card.facts.n == 1 && card.facts.curve[0].umib == GIB(6));
	card_close(&card);
}

/* What others of the program hold of the device is not in it, as long as all changes are known. */
static void curve_of_a_process(void)
{
	static struct profile_gpu gpu;
	static struct column column = { .n = 1 };
	static struct profile_vram_step steps[] = {
		{ .us = 1000000, .umib = GIB(3), .pid = 8 },
		{ .us = 2000000, .umib = GIB(40), .pid = 9 },
		{ .us = 3000000, .umib = -GIB(1), .pid = 8 },
	};
	static struct profile_taken taken = { .steps = 3 };
	static char *devices[] = { device };
	struct card card;
	made();
	fails(8, 100, 8);
	column.low = column.high = (struct sample){ 90000000, GIB(42) };
	gpu.device = device;
	gpu.series.columns.items = &column;
	gpu.series.columns.n = 1;
	profile.gpus = &gpu;
	profile.n_gpus = 1;
	profile.vram = (struct profile_vram){ devices, 1, &taken, 1, steps, 3 };
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(card.facts.n == 2 && card.facts.curve[1].us == 3000000);
	CHECK(card.facts.curve[0].umib == GIB(3) && card.facts.curve[1].umib == GIB(2));
	card_close(&card);
	taken.steps = 4;
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(card.facts.n == 1 && card.facts.curve[0].umib == GIB(42));
	card_close(&card);
}

static int64_t sum_of(const struct card_bill *b)
{
	int64_t sum = 0;
	for (size_t i = 0; i < N_CARD_ROWS; i++)
		if (b->rows[i].there && b->rows[i].umib > 0)
			sum += b->rows[i].umib;
	return sum;
}

/* Its rows add up to the card, whatever was told. */
static void rows_of_a_bill(void)
{
	struct card_bill b;
	made();
	fails(8, 100, 8);
	CHECK(card_bill_make(&b, &profile, &ooms[0]));
	CHECK(sum_of(&b) == GIB(80) && b.over == 0 && b.age == 0 && !b.cut);
	CHECK(!b.rows[CARD_ROW_USED].there && b.rows[CARD_ROW_REST].umib == GIB(38));
	fails(8, 103, 4);
	CHECK(card_bill_make(&b, &profile, &ooms[1]));
	CHECK(b.of == &ooms[0] && b.age == 3000000);
	fails(9, 103, 4); /* nobody looked */
	CHECK(card_bill_make(&b, &profile, &ooms[2]));
	CHECK(sum_of(&b) == GIB(80) && b.rows[CARD_ROW_USED].umib == GIB(70));
	CHECK(b.rows[CARD_ROW_UNUSED].umib == GIB(2) && b.rows[CARD_ROW_REST].umib == GIB(7));
	bill[4].class = (char[]){ "activations" }; /* a pool that does not tell of what */
	CHECK(card_bill_make(&b, &profile, &ooms[0]));
	CHECK(b.rows[CARD_ROW_USED].umib == GIB(70) && !b.rows[CARD_ROW_ACTIVATIONS].there);
	bill[2].umib = GIB(90); /* lent of the host's memory */
	CHECK(card_bill_make(&b, &profile, &ooms[2]));
	CHECK(b.over == GIB(11));
	bill[0].umib = PROFILE_UNTOLD;
	CHECK(!card_bill_make(&b, &profile, &ooms[2]));
}

static void bill_of_before(void)
{
	struct card card;
	made();
	fails(8, 100, 8);
	fails(7, 101, 8);
	fails(8, 103, 4); /* what is told at once alone */
	bill[0].umib = GIB(80);
	CHECK_INT(card_open_of(&card, &profile, &growth, &ooms[2]), 0);
	CHECK(card.billed == &ooms[0]);
	CHECK(card.facts.age == 3000000);
	CHECK(card.facts.weights == GIB(10) && card.facts.allocated == GIB(70));
	CHECK(!card.verdict.sure);
	char words[CARD_WORDS];
	CHECK(strstr(card_say(words, &card.facts, &card.verdict, NULL, 0),
		     "What it held is by the bill of 3.00 s before."));
	card_close(&card);
	ooms[2].n_owed = 0; /* nor that */
	CHECK_INT(card_open_of(&card, &profile, &growth, &ooms[2]), 0);
	CHECK(card.facts.total == GIB(80) && card.facts.age == 3000000);
	card_close(&card);
	CHECK_INT(card_open_of(&card, &profile, &growth, &ooms[1]), 0);
	CHECK(card.billed == &ooms[1] && card.facts.age == 0);
	card_close(&card);
	ooms[0].n_owed = 4; /* nobody has ever made one */
	CHECK_INT(card_open_of(&card, &profile, &growth, &ooms[2]), 0);
	CHECK(!card.billed && card.facts.weights == PROFILE_UNTOLD);
	CHECK_INT(card.verdict.cause, CARD_CANNOT_TELL);
	card_close(&card);
}

int main(void)
{
	RUN(first_of_the_ranks);
	RUN(ranks_that_survive);
	RUN(fates);
	RUN(rows_of_a_bill);
	RUN(curve_of_an_instance);
	RUN(curve_of_a_process);
	RUN(bill_of_before);
	return DONE();
}
