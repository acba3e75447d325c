#include "plotter/export/json_pieces.h"

void json_pair(FILE *out, const struct export *export, const struct sample *sample)
{
	export_millionths(out, sample->us - export->profile->start_us);
	fputs(", ", out);
	export_millionths(out, sample->umib);
}

void json_moment(FILE *out, const struct export *export, const struct sample *sample)
{
	fputc('[', out);
	json_pair(out, export, sample);
	fputc(']', out);
}

void json_separator(struct export *export)
{
	fputs(export->n++ ? ",\n    " : "\n    ", export->out);
}

struct export json_array(const struct profile *profile, const char *name, FILE *out)
{
	fprintf(out, ",\n  \"%s\": [", name);
	return (struct export){ .profile = profile, .out = out };
}
