/* Bytes as base64 (RFC 4648), with padding. */
#pragma once

#include <stddef.h>
#include <stdio.h>

void base64_put(FILE *out, const unsigned char *bytes, size_t n);
