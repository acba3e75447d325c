/* Is this built with a sanitizer, which makes everything slower, larger, and full of page faults?
 */
#pragma once

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define TSAN 1 /* which cannot start threads after a fork */
#else
#define TSAN 0
#endif

#if TSAN || defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
