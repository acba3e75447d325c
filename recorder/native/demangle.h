/* Names as their language has them: C++, Rust. */
#pragma once

/* Without parameters: "Cache::fill". The caller frees it; NULL: it is no such name, or no memory.
 */
char *demangle(const char *name);
