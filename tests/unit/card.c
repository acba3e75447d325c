/* Why a GPU had no memory left, by made-up bills and curves of a card of 80 GiB. */
#include "share/growth/card.h"
#include "share/profile/record.h"
#include "tests/check.h"

enum { MOST = 4096 };
static struct sample curve[MOST];
static struct card_facts facts;

#define GIB(x) ((int64_t)((x)*1024 * 1e6))

/* A run of so many tenths of a second, during which the card holds what `held` says. */
static void run(size_t tenths, double (*held)(double seconds))
{
	for (size_t i = 0; i < tenths; i++)
		curve[i] = (struct sample){ (int64_t)i * 100000, GIB(held((double)i / 10)) };
	facts = (struct card_facts){
		.deed = CARD_FORWARD,
		.total = GIB(80),
		.wanted = GIB(2),
		.free = GIB(1),
		.allocated = GIB(76),
		.reserved = GIB(78),
		.outside = GIB(0.5),
		.curve = curve,
		.n = tenths,
		.at = (int64_t)tenths * 100000,
	};
}

static void bill(double weights, double gradients, double optimizer)
{
	facts.weights = GIB(weights);
	facts.gradients = GIB(gradients);
	facts.optimizer = GIB(optimizer);
}

static const char *cause(void)
{
	struct card_verdict verdict;
	card_judge(&facts, &verdict);
	return card_cause_key(verdict.cause);
}

static double loads(double t)
{
	return t < 2 ? 0.5 : t * 8;
}
static double flat(double t)
{
	return t < 2 ? 0.5 : t < 4 ? 4.5 : 12;
}
static double flat_then_all(double t)
{
	return t < 8 ? flat(t) : 70;
}
static double grows(double t)
{
	return t < 4 ? flat(t) : 12 + (t - 4) * 2;
}
static double highs(double t)
{
	static const double at[] = { 4, 5, 6, 7.5, 9, 12, 16, 24 };
	double held = flat(t);
	for (size_t i = 0; i < 8; i++)
		held += t >= at[i] ? 60.0 / (double)((i + 1) * 3) : 0;
	return held;
}
static double outputs(double t)
{
	return t < 2 ? 0.5 : 4.5 + (t - 2) * 1.5;
}

static void of_the_model(void)
{
	run(90, loads);
	bill(70, 0, 0);
	facts.deed = CARD_LOADING;
	CHECK_STR(cause(), "model");
	bill(26, 26, 13);
	facts.deed = CARD_STEPPING;
	CHECK_STR(cause(), "optimizer-state");
	bill(4, 4, 8);
	facts.deed = CARD_LOADING;
	CHECK_STR(cause(), "second-model");
	bill(66, 0, 0);
	facts.deed = CARD_FORWARD;
	CHECK_STR(cause(), "model");
}

static void of_the_data(void)
{
	run(45, flat);
	bill(4, 0, 0);
	CHECK_STR(cause(), "first-batch");
	facts.deed = CARD_OTHER; /* a cache that is made, and no pass */
	CHECK_STR(cause(), "cannot-tell");
	run(81, flat_then_all);
	bill(1, 1, 2);
	CHECK_STR(cause(), "one-batch");
	bill(1, 0, 0); /* plain SGD sets its gradients to None */
	CHECK_STR(cause(), "one-batch");
	run(120, flat); /* one request, of which no sample tells */
	bill(1, 1, 2);
	facts.allocated = GIB(10);
	facts.reserved = GIB(11);
	facts.wanted = GIB(75);
	CHECK_STR(cause(), "one-batch");
	run(300, highs);
	bill(1, 1, 2);
	CHECK_STR(cause(), "varying-sizes");
}

static void of_growth(void)
{
	struct card_verdict verdict;
	run(360, grows);
	bill(1, 1, 2);
	card_judge(&facts, &verdict);
	CHECK_STR(card_cause_key(verdict.cause), "growth");
	CHECK(verdict.per_second > 1.8 * 1024e6 && verdict.per_second < 2.2 * 1024e6);
	CHECK(verdict.sure);
	facts.deed = CARD_STEPPING; /* where it ends says little */
	CHECK_STR(cause(), "growth");
	run(500, outputs);
	bill(4, 0, 0);
	facts.deed = CARD_OTHER;
	CHECK_STR(cause(), "growth");
}

static void of_neither(void)
{
	run(81, flat_then_all);
	bill(1, 1, 2);
	facts.neighbours = GIB(40);
	CHECK_STR(cause(), "neighbour");
	facts.neighbours = GIB(4);
	CHECK_STR(cause(), "one-batch");
	facts.allocated = GIB(30);
	facts.wanted = GIB(20);
	CHECK_STR(cause(), "fragmentation");
}

/* Others hold much of the card, which is not what it failed for, or may not be. */
static void beside_others(void)
{
	struct card_verdict verdict;
	run(81, flat_then_all);
	bill(1, 1, 2);
	facts.card = GIB(80);
	facts.neighbours = GIB(40);
	facts.allocated = facts.reserved = GIB(19);
	facts.total = GIB(20); /* of the card, as much as it may have */
	facts.free = GIB(20);
	CHECK(strcmp(cause(), "neighbour") != 0);
	facts.total = GIB(80);
	facts.allocated = GIB(36);
	facts.free = GIB(1);
	card_judge(&facts, &verdict);
	CHECK(verdict.cause == CARD_NEIGHBOUR && verdict.sure);
	facts.n = 0; /* it may have grown */
	card_judge(&facts, &verdict);
	CHECK(verdict.cause == CARD_NEIGHBOUR && !verdict.sure);
	facts.wanted = GIB(45); /* more than the card has */
	facts.neighbours = GIB(50);
	CHECK(strcmp(cause(), "neighbour") != 0);
	run(90, loads);
	bill(70, 0, 0);
	facts.deed = CARD_LOADING; /* there may be more to come */
	facts.neighbours = GIB(9);
	facts.allocated = facts.reserved = GIB(70);
	card_judge(&facts, &verdict);
	CHECK(verdict.cause == CARD_MODEL && !verdict.sure);
}

static void of_a_pool(void)
{
	char out[CARD_WORDS];
	struct card_verdict verdict;
	facts = (struct card_facts){ .library = CARD_JAX,
				     .card = GIB(80),
				     .total = GIB(60),
				     .wanted = GIB(2),
				     .free = GIB(19),
				     .allocated = GIB(59),
				     .reserved = GIB(60),
				     .weights = PROFILE_UNTOLD };
	CHECK_STR(cause(), "pool");
	card_judge(&facts, &verdict);
	CHECK_STR(card_say(out, &facts, &verdict, NULL, 0),
		  "a pool: JAX may have 60.00 GiB of the card's 80.00 GiB; 2.00 GiB more was "
		  "wanted, with 19.00 GiB free of 80.00 GiB, of which 60.00 GiB is allowed. Try "
		  "XLA_PYTHON_CLIENT_MEM_FRACTION=.95.");
	facts.wanted = GIB(200);
	CHECK_STR(cause(), "cannot-tell");
	facts.library = CARD_TORCH; /* beside JAX */
	facts.wanted = GIB(30);
	facts.total = GIB(80);
	facts.outside = GIB(60);
	facts.allocated = facts.reserved = GIB(1);
	CHECK_STR(cause(), "pool");
	facts.outside = GIB(2);
	CHECK_STR(cause(), "cannot-tell");
}

static void not_told(void)
{
	run(81, flat_then_all);
	facts.weights = facts.allocated = facts.reserved = PROFILE_UNTOLD;
	CHECK_STR(cause(), "cannot-tell");
	facts = (struct card_facts){ 0 };
	CHECK_STR(cause(), "cannot-tell");
	run(20, flat);
	bill(0, 0, 0);
	CHECK_STR(cause(), "cannot-tell");
}

static void deeds(void)
{
	CHECK_INT(card_deed_of("/x/torch/optim/adam.py", "_multi_tensor_adam"), CARD_STEPPING);
	CHECK_INT(card_deed_of("/x/torch/nn/modules/linear.py", "Linear.forward"), CARD_FORWARD);
	CHECK_INT(card_deed_of("/x/torch/nn/modules/linear.py", "Linear.__init__"), CARD_LOADING);
	CHECK_INT(card_deed_of("/x/torch/nn/modules/module.py", "Module._apply"), CARD_LOADING);
	CHECK_INT(card_deed_of("/x/torch/_tensor.py", "Tensor.backward"), CARD_BACKWARD);
	CHECK_INT(card_deed_of("/home/u/train.py", "main"), CARD_UNTOLD);
	CHECK_INT(card_deed_of("/home/u/train.py", NULL), CARD_UNTOLD);
}

static void words(void)
{
	char out[CARD_WORDS];
	struct card_verdict verdict;
	run(81, flat_then_all);
	bill(1, 1, 2);
	card_judge(&facts, &verdict);
	CHECK_STR(card_say(out, &facts, &verdict, "train.py:41", 0),
		  "data: one batch: The card held weights 1024.0 MiB, gradients 1024.0 MiB, the "
		  "optimizer's state "
		  "2.00 GiB, and 72.00 GiB of batches and activations; 2.00 GiB more was wanted at "
		  "train.py:41, "
		  "with 1024.0 MiB free of 80.00 GiB. Until 8.00 s it had been 12.00 GiB at most. "
		  "Try a smaller "
		  "batch, or a bound on the length of its samples.");
	bill(0, 0, 0);
	facts.free = PROFILE_UNTOLD;
	CHECK(strstr(card_say(out, &facts, &verdict, "train.py:41", 0),
		     ": The card held 72.00 GiB of batches and activations; 2.00 GiB more was "
		     "wanted at train.py:41, on a card of 80.00 GiB."));
	for (int cause = 0; cause < CARD_CAUSES; cause++) {
		verdict.cause = (enum card_cause)cause;
		CHECK(strlen(card_say(out, &facts, &verdict, NULL, 0)) < CARD_WORDS - 1);
	}
}

int main(void)
{
	RUN(of_the_model);
	RUN(of_the_data);
	RUN(of_growth);
	RUN(of_neither);
	RUN(beside_others);
	RUN(of_a_pool);
	RUN(not_told);
	RUN(deeds);
	RUN(words);
	return DONE();
}
