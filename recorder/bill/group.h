/* The bill of a control group: what it is charged for, as it says itself. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "share/bill.h"

/* Of the group that the process is in. 0; -ENOENT: it cannot be told. */
int group_bill(pid_t pid, int64_t now, uint64_t bytes[BILL_CLASSES]);
