/* What a page's script becomes: without blanks and comments, and with short names for what it
 * declares. */
#include "plotter/page/embed/names.h"

#include <errno.h>

#include "plotter/page/embed/token.h"
#include "tests/check.h"

/* Its tokens, one blank between two, and a bar for each line that has ended. */
static char *shortened(const char *script)
{
	static char text[4096];
	struct tokens tokens = { 0 };
	size_t n = 0;
	CHECK_INT(tokens_read(&tokens, script), 0);
	CHECK_INT(names_shorten(&tokens), 0);
	for (size_t i = 0; i < tokens.n; i++) {
		const struct token *t = &tokens.of[i];
		char name[NAME_SHORT];
		if (t->short_as >= 0)
			name_write(name, t->short_as);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%.*s", i ? " " : "",
				      t->new_line ? "|" : "", t->short_as >= 0 ? 2 : (int)t->n,
				      t->short_as >= 0 ? name : t->at);
	}
	tokens_free(&tokens);
	return text;
}

static void what_is_declared_gets_a_short_name(void)
{
	CHECK_STR(shortened("const width = 3, height = width * 2;"), "const a = 3 , b = a * 2 ;");
	CHECK_STR(shortened("let [first, ...rest] = list;"), "let [ a , ... b ] = list ;");
	CHECK_STR(shortened("const sum = (left, right = 1) => left + right;"),
		  "const c = ( a , b = 1 ) => a + b ;");
	CHECK_STR(shortened("for (const item of items) use(item);"),
		  "for ( const a of items ) use ( a ) ;");
}

static void what_is_not_declared_keeps_its_own(void)
{
	CHECK_STR(shortened("document.title = Math.max(1, 2);"),
		  "document . title = Math . max ( 1 , 2 ) ;");
	CHECK_STR(shortened("const text = node.text;"), "const a = node . text ;");
	CHECK_STR(shortened("const a = 1; b = a;"), "const a = 1 ; b = a ;");
	CHECK_STR(shortened("const one = 1; a(one);"), "const b = 1 ; a ( b ) ;");
}

static void the_name_of_a_property_stays(void)
{
	CHECK_STR(shortened("const { width, height: tall } = box; use(width, tall);"),
		  "const { width , height : tall } = box ; use ( width , tall ) ;");
	CHECK_STR(shortened("const fill = 1; use({ fill, stroke: fill });"),
		  "const fill = 1 ; use ( { fill , stroke : fill } ) ;");
	CHECK_STR(shortened("const yes = () => { let low = 0, high = 1; };"),
		  "const a = ( ) => { let b = 0 , c = 1 ; } ;");
}

static void texts_stay(void)
{
	CHECK_STR(shortened("const name = `${name} name ${ {name} }`;"),
		  "const name = `${ name } name ${ { name } }` ;");
	CHECK_STR(shortened("const word = \"word // \\\" /* \";"),
		  "const a = \"word // \\\" /* \" ;");
	CHECK_STR(shortened("const word = text.replace(/[/\"]word\\//g, 1e-9) / word / .5;"),
		  "const a = text . replace ( /[/\"]word\\//g , 1e-9 ) / a / .5 ;");
}

static void comments_go_and_lines_are_known(void)
{
	CHECK_STR(shortened("one() // said\n/* and\nmore */ two()\nthree()"),
		  "one ( ) |two ( ) |three ( )");
}

static void what_has_no_end_is_refused(void)
{
	static const char *const scripts[] = { "'abc", "`a${b", "a = {", "}", "x = /a[/]" };
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct tokens tokens = { 0 };
		CHECK_INT(tokens_read(&tokens, scripts[i]), -EINVAL);
		tokens_free(&tokens);
	}
}

static void names_go_on_beyond_one_letter(void)
{
	char name[NAME_SHORT];
	name_write(name, 51);
	CHECK_STR(name, "Z");
	name_write(name, 52);
	CHECK_STR(name, "aa");
	name_write(name, 52 + 52 * 52 - 1);
	CHECK_STR(name, "ZZ");
}

int main(void)
{
	RUN(what_is_declared_gets_a_short_name);
	RUN(what_is_not_declared_keeps_its_own);
	RUN(the_name_of_a_property_stays);
	RUN(texts_stay);
	RUN(comments_go_and_lines_are_known);
	RUN(what_has_no_end_is_refused);
	RUN(names_go_on_beyond_one_letter);
	return DONE();
}
