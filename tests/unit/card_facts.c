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
	const struct profile_oom *ranks[4];
	made();
	fails(9, 10, 8); /* long before, and survived */
	fails(8, 100, 8);
	fails(7, 99.5, 8); /* read later, but it failed earlier */
	fails(6, 101, 8);
	fails(8, 102, 8); /* tried again */
	CHECK_INT((int64_t)card_ranks(&profile, ranks, 4), 3);
	CHECK_INT(ranks[0]->pid, 7);
	CHECK_INT(ranks[1]->pid, 6);
	CHECK_INT(ranks[2]->pid, 8);
	CHECK(ranks[2]->at.us == 102000000);
	CHECK_INT((int64_t)card_ranks(&profile, ranks, 1), 3);
	CHECK_INT(ranks[0]->pid, 7);
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK_INT(card.oom->pid, 7);
	CHECK_INT((int64_t)card.others, 2);
	card_close(&card);
	made();
	CHECK_INT((int64_t)card_ranks(&profile, ranks, 4), 0);
	CHECK_INT(card_open(&card, &profile, &growth), 0);
	CHECK(!card.oom);
	card_close(&card);
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
	RUN(bill_of_before);
	return DONE();
}
