/* What peak tells of a recording's bills. */
#pragma once

struct profile;

/* The one of the peak and the last one, a row a class; what is odd about them; or how to have one.
 */
void peak_print_bill(const struct profile *profile);

/* , "bill": {"peak": {…}, "end": {…}} or null. */
void peak_print_bill_json(const struct profile *profile);
