#include "share/bill.h"

#include "tests/check.h"

static void every_class_has_a_word_of_its_own(void)
{
	for (size_t i = 0; i < BILL_CLASSES; i++) {
		CHECK_INT(bill_find(bill_words[i]), i);
		CHECK(strcspn(bill_words[i], " \t\n") == strlen(bill_words[i]));
		CHECK(bill_names[i][0] != '\0');
		CHECK(bill_meanings[i][0] != '\0');
	}
	CHECK_INT(bill_find("of a later version"), BILL_UNTOLD);
}

static void what_stands_beside_is_in_no_sum(void)
{
	const struct bill bill = { .umib = {
					   [BILL_HEAP] = 5, [BILL_FILE] = 7, [BILL_HUGETLB] = 9 } };
	const struct bill torn = { .umib = { [BILL_HEAP] = 5, [BILL_OFF] = 9 } };
	enum bill_class sorted[BILL_CLASSES];
	CHECK_INT(bill_total(&bill), 12);
	CHECK_INT(bill_total(&torn), 5);
	CHECK(bill_is_whole(&bill) && !bill_is_whole(&torn));
	CHECK_INT(bill_sort(&bill, sorted), 3);
	CHECK_INT(sorted[0], BILL_HUGETLB);
	CHECK_INT(sorted[1], BILL_FILE);
	CHECK_INT(sorted[2], BILL_HEAP);
}

static void a_sum_is_close_to_one_hundredth(void)
{
	CHECK(bill_is_close(990000000, 1000000000) && bill_is_close(1010000000, 1000000000));
	CHECK(!bill_is_close(989999999, 1000000000) && !bill_is_close(1010000001, 1000000000));
	CHECK(bill_is_close(0, 1000000) && !bill_is_close(0, 1000001)); /* 1 MiB is nothing */
}

static void a_third_is_odd(void)
{
	int64_t umib;
	struct bill bill = {
		.umib = { [BILL_HEAP] = 66000000, [BILL_ARRAY] = 20000000, [BILL_FILE] = 14000000 }
	};
	CHECK_INT(bill_odd(&bill, &umib), BILL_OF_FILES);
	CHECK_INT(umib, 34000000);
	bill.umib[BILL_HEAP] = 80000000;
	CHECK_INT(bill_odd(&bill, &umib), BILL_PLAIN);
	CHECK_INT(umib, 0);
	bill.umib[BILL_KEPT] = 500000000;
	CHECK_INT(bill_odd(&bill, &umib), BILL_KEPT_FREE);
	bill.umib[BILL_SHARED] = 700000000;
	CHECK_INT(bill_odd(&bill, &umib), BILL_OF_SHARED);
	bill.umib[BILL_SPARE] = 800000000;
	CHECK_INT(bill_odd(&bill, &umib), BILL_SPARE_FREE);
	bill = (struct bill){ .umib = { [BILL_FILE] = 15000000 } }; /* a small program's */
	CHECK_INT(bill_odd(&bill, &umib), BILL_PLAIN);
	for (int odd = BILL_PLAIN; odd <= BILL_OF_SHARED; odd++)
		CHECK((bill_advice(odd)[0] == 0) == (odd == BILL_PLAIN));
}

int main(void)
{
	RUN(every_class_has_a_word_of_its_own);
	RUN(what_stands_beside_is_in_no_sum);
	RUN(a_sum_is_close_to_one_hundredth);
	RUN(a_third_is_odd);
	return DONE();
}
