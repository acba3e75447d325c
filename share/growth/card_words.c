#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/card.h"

struct words {
	char *out;
	size_t n;
	const struct card_facts *facts;
	const struct card_verdict *verdict;
	const char *place;
	int64_t start;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	int n = vsnprintf(w->out + w->n, CARD_WORDS - w->n, format, values);
	va_end(values);
	if (n > 0)
		w->n = w->n + (size_t)n < CARD_WORDS ? w->n + (size_t)n : CARD_WORDS - 1;
}

/* Memory in its unit, of umib. */
static const char *memory(char out[FORMAT_SIZE], int64_t umib)
{
	return umib < 0 ? "an unknown amount" : format_memory(out, sample_mib(umib));
}

static const char *moment(char out[FORMAT_SIZE], const struct words *w, int64_t us)
{
	return format_duration(out, sample_seconds(us > w->start ? us - w->start : 0));
}

/* "weights 46.1 GiB, gradients 46.1 GiB": what is there of them; false: nothing is. */
static bool say_model(struct words *w)
{
	const struct card_facts *f = w->facts;
	const struct {
		const char *name;
		int64_t umib;
	} parts[] = { { "weights", f->weights },
		      { "gradients", f->gradients },
		      { "the optimizer's state", f->optimizer },
		      { "buffers", f->buffers >= 1000000 ? f->buffers : 0 } };
	const char *comma = "";
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char figure[FORMAT_SIZE];
		if (parts[i].umib <= 0)
			continue;
		say(w, "%s%s %s", *comma ? comma : "The card held ", parts[i].name,
		    memory(figure, parts[i].umib));
		comma = ", ";
	}
	return *comma != '\0';
}

/* "1.0 GiB more was wanted at train.py:43, with 0.3 GiB free of 79.6 GiB" */
static void say_wanted(struct words *w)
{
	const struct card_facts *f = w->facts;
	char wanted[FORMAT_SIZE], free[FORMAT_SIZE], total[FORMAT_SIZE];
	const int64_t card = f->card > 0 ? f->card : f->total;
	say(w, "%s more was wanted%s%s", memory(wanted, f->wanted), w->place ? " at " : "",
	    w->place ? w->place : "");
	if (f->free >= 0)
		say(w, ", with %s free", memory(free, f->free));
	if (f->total > 0)
		say(w, "%s %s", f->free >= 0 ? " of" : ", on a card of", memory(total, card));
	if (f->total > 0 && f->total < card)
		say(w, ", of which %s is allowed", memory(total, f->total));
	if (w->verdict->cause != CARD_NEIGHBOUR && f->neighbours > f->total / 10)
		say(w, "; other processes held %s", memory(total, f->neighbours));
	say(w, ".");
}

/* What else it held is left out where it is little. */
static void say_of_model(struct words *w)
{
	char variable[FORMAT_SIZE];
	bool any = say_model(w);
	if (any && w->verdict->variable > w->facts->total / 20)
		say(w, ", and %s of batches and activations",
		    memory(variable, w->verdict->variable));
	say(w, any ? "; " : "");
	say_wanted(w);
}

static void say_model_advice(struct words *w)
{
	say_of_model(w);
	say(w, " A smaller batch will not help; a smaller model or type, or parts of it on other "
	       "cards, will.");
}

static void say_state(struct words *w)
{
	say_of_model(w);
	say(w, " A smaller batch will not help; an optimizer with less state, or one that is "
	       "spread over several cards, will.");
}

static void say_second(struct words *w)
{
	say_of_model(w);
	say(w, " Let go of the first one before the second is made, or keep one of them on the "
	       "host.");
}

static void say_batch(struct words *w)
{
	char variable[FORMAT_SIZE];
	say(w, say_model(w) ? ", and " : "The card held ");
	say(w, "%s of batches and activations; ", memory(variable, w->verdict->variable));
	say_wanted(w);
}

static void say_first_batch(struct words *w)
{
	say_batch(w);
	say(w, " Try a smaller batch, or activation checkpointing.");
}

static void say_one_batch(struct words *w)
{
	char before[FORMAT_SIZE], since[FORMAT_SIZE];
	say_batch(w);
	if (w->verdict->before > 0)
		say(w, " Until %s it had been %s at most.", moment(since, w, w->verdict->since),
		    memory(before, w->verdict->before));
	say(w, " Try a smaller batch, or a bound on the length of its samples.");
}

static void say_varying(struct words *w)
{
	say_batch(w);
	say(w, " It rose with ever larger batches, %s. Try a bound on their size.",
	    w->verdict->gave_back ? "and gave back most of that between them"
				  : "more and more seldom");
}

static void say_growth(struct words *w)
{
	char rate[FORMAT_SIZE], since[FORMAT_SIZE];
	say_batch(w);
	if (w->verdict->per_second > 0)
		say(w, " It has grown by about %s a second since %s.",
		    memory(rate, (int64_t)w->verdict->per_second),
		    moment(since, w, w->verdict->since));
	say(w, " Something keeps tensors: a loss that is added up without .item(), outputs in a "
	       "list, a cache; or the sequence is meant to grow.");
}

static const struct {
	const char *name, *fragments, *bound; /* what helps */
} libraries[CARD_LIBRARIES] = {
	[CARD_TORCH] = { "torch", "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
			 "a larger set_per_process_memory_fraction()" },
	[CARD_JAX] = { "JAX", "TF_GPU_ALLOCATOR=cuda_malloc_async",
		       "XLA_PYTHON_CLIENT_MEM_FRACTION=.95" },
	[CARD_CUPY] = { "CuPy", "set_allocator(MemoryAsyncPool().malloc)", "a larger set_limit()" },
};

static void say_fragments(struct words *w)
{
	char unused[FORMAT_SIZE];
	say(w, "%s lay unused in the pool of %s, in no piece that is large enough; ",
	    memory(unused, w->facts->reserved - w->facts->allocated),
	    libraries[w->facts->library].name);
	say_wanted(w);
	say(w, " Try %s.", libraries[w->facts->library].fragments);
}

static void say_pool(struct words *w)
{
	const struct card_facts *f = w->facts;
	char figure[FORMAT_SIZE], card[FORMAT_SIZE];
	bool bounded = f->total < f->card;
	if (bounded)
		say(w, "%s may have %s of the card's %s; ", libraries[f->library].name,
		    memory(figure, f->total), memory(card, f->card));
	else
		say(w,
		    "The process itself held %s of the card beside %s, as another library's pool "
		    "does; ",
		    memory(figure, f->outside), libraries[f->library].name);
	say_wanted(w);
	if (bounded)
		say(w, " Try %s.", libraries[f->library].bound);
	else
		say(w, " JAX takes three quarters of a card unless "
		       "XLA_PYTHON_CLIENT_PREALLOCATE=false is set.");
}

static void say_neighbour(struct words *w)
{
	char others[FORMAT_SIZE];
	say(w, "Other processes held %s of the card; ", memory(others, w->facts->neighbours));
	say_wanted(w);
	say(w, " Without them it would have fitted.");
}

static void say_unknown(struct words *w)
{
	char fixed[FORMAT_SIZE], variable[FORMAT_SIZE];
	if (w->verdict->fixed >= 0)
		say(w, "The model held %s, batches and activations %s; ",
		    memory(fixed, w->verdict->fixed), memory(variable, w->verdict->variable));
	say_wanted(w);
}

/* A bill may be an earlier failure's. */
static void say_age(struct words *w)
{
	char age[FORMAT_SIZE];
	if (w->facts->age > 0 && w->verdict->fixed >= 0)
		say(w, " What it held is by the bill of %s before.",
		    format_duration(age, sample_seconds(w->facts->age)));
}

static void (*const sentences[CARD_CAUSES])(struct words *) = {
	[CARD_CANNOT_TELL] = say_unknown,
	[CARD_MODEL] = say_model_advice,
	[CARD_STATE] = say_state,
	[CARD_SECOND] = say_second,
	[CARD_FIRST_BATCH] = say_first_batch,
	[CARD_ONE_BATCH] = say_one_batch,
	[CARD_VARYING] = say_varying,
	[CARD_GROWTH] = say_growth,
	[CARD_FRAGMENTS] = say_fragments,
	[CARD_NEIGHBOUR] = say_neighbour,
	[CARD_POOL] = say_pool,
};

static const char *likely(const struct card_verdict *verdict)
{
	return verdict->sure || verdict->cause == CARD_CANNOT_TELL ? "" : " (likely)";
}

const char *card_after_cause(const char *said, const struct card_verdict *verdict)
{
	size_t n = strlen(card_cause_name(verdict->cause)) + strlen(likely(verdict)) + 2;
	return strlen(said) > n ? said + n : "";
}

char *card_say(char out[CARD_WORDS], const struct card_facts *facts,
	       const struct card_verdict *verdict, const char *place, int64_t start)
{
	struct words w = { out, 0, facts, verdict, place, start };
	say(&w, "%s%s: ", card_cause_name(verdict->cause), likely(verdict));
	sentences[verdict->cause](&w);
	say_age(&w);
	return out;
}
