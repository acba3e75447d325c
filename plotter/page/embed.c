/* Makes a text file an array of characters in C: embed NAME FILE. For the build alone. */
#include <stdio.h>

int main(int argc, char *argv[])
{
	FILE *in = argc == 3 ? fopen(argv[2], "r") : NULL;
	if (!in)
		return 1;
	printf("extern const char %s[];\nconst char %s[] = {", argv[1], argv[1]);
	for (int c, n = 0; (c = getc(in)) != EOF; n++)
		printf("%s%d,", n % 16 ? "" : "\n", c < 128 ? c : c - 256);
	puts("0 };");
	return ferror(in) || ferror(stdout) ? 1 : 0;
}
