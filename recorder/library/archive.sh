#!/bin/sh
# archive.sh ARCHIVE OBJECT…: an archive in which hidden symbols are local, so that none clashes with a program's own.
set -eu
archive=$1
shift
rm -f "$archive"
ld -r -o "$archive.o" "$@"
objcopy --localize-hidden "$archive.o"
ar rcs "$archive" "$archive.o"
rm "$archive.o"
