#include "share/format.h"

#include <stdio.h>
#include <string.h>

char *format_memory(char out[FORMAT_SIZE], double mib)
{
	double magnitude = mib < 0 ? -mib : mib;
	if (magnitude >= 0x1p20)
		snprintf(out, FORMAT_SIZE, "%.2f TiB", mib / 0x1p20);
	else if (magnitude >= 1536)
		snprintf(out, FORMAT_SIZE, "%.2f GiB", mib / 0x1p10);
	else if (magnitude >= 1 || magnitude == 0)
		snprintf(out, FORMAT_SIZE, "%.1f MiB", mib);
	else
		snprintf(out, FORMAT_SIZE, "%.0f KiB", mib * 0x1p10);
	return out;
}

char *format_duration(char out[FORMAT_SIZE], double seconds)
{
	long long whole = (long long)(seconds + 0.5); /* of long ones only; needs no libm */
	if (seconds == 0)
		snprintf(out, FORMAT_SIZE, "0 s");
	else if (seconds < 0.001)
		snprintf(out, FORMAT_SIZE, "%.0f µs", seconds * 1e6);
	else if (seconds < 0.1)
		snprintf(out, FORMAT_SIZE, "%.1f ms", seconds * 1e3);
	else if (seconds < 10)
		snprintf(out, FORMAT_SIZE, "%.2f s", seconds);
	else if (seconds < 119.95)
		snprintf(out, FORMAT_SIZE, "%.1f s", seconds);
	else if (whole < 7200)
		snprintf(out, FORMAT_SIZE, "%lld min %02lld s", whole / 60, whole % 60);
	else if (whole < 2 * 86400)
		snprintf(out, FORMAT_SIZE, "%lld h %02lld min", whole / 3600, whole / 60 % 60);
	else
		snprintf(out, FORMAT_SIZE, "%lld d %lld h", whole / 86400, whole / 3600 % 24);
	return out;
}

char *format_end(char out[FORMAT_SIZE], int status)
{
	const char *name = status < 0 ? sigabbrev_np(-status) : NULL;
	if (name)
		snprintf(out, FORMAT_SIZE, "SIG%s", name);
	else
		snprintf(out, FORMAT_SIZE, "%s %d", status < 0 ? "signal" : "exit",
			 status < 0 ? -status : status);
	return out;
}
