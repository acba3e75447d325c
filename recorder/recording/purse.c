#include "recorder/recording/purse.h"

void purse_pay(struct purse *p, int64_t now, int64_t cost)
{
	int64_t earned = p->paid_at ? (now - p->paid_at) / p->share : p->most;
	p->saved = p->saved + earned < p->most ? p->saved + earned : p->most;
	p->saved -= cost;
	p->paid_at = now;
	p->not_before = p->saved < 0 ? now - p->saved * p->share : now;
}
