// The variadic functions of libcurl, one shim for each argument type: Swift cannot call C's `...`.
#ifndef TOCSIN_CCURL_H
#define TOCSIN_CCURL_H

#include <curl/curl.h>

CURLcode tocsin_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode tocsin_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode tocsin_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode tocsin_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode tocsin_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);

typedef size_t (*tocsin_curl_data_callback)(char *data, size_t size, size_t count, void *context);
CURLcode tocsin_curl_set_data_callback(
    CURL *handle, CURLoption option, tocsin_curl_data_callback callback);

CURLcode tocsin_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode tocsin_curl_get_double(CURL *handle, CURLINFO info, double *value);
CURLcode tocsin_curl_get_string(CURL *handle, CURLINFO info, const char **value);
CURLcode tocsin_curl_get_pointer(CURL *handle, CURLINFO info, void **value);

/// The socket of the connection that is still open, or -1.
int tocsin_curl_active_socket(CURL *handle);

CURLMcode tocsin_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode tocsin_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode tocsin_curl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback);
CURLMcode tocsin_curl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback);

// epoll in libcurl's terms, since Glibc's module leaves it out. Masks are CURL_CSELECT_*.
int tocsin_epoll_new(void);
int tocsin_epoll_wakeup(void);
void tocsin_epoll_watch(int epoll, int descriptor, int mask);
void tocsin_epoll_forget(int epoll, int descriptor);
int tocsin_epoll_wait(int epoll, int *descriptors, int *masks, int capacity, int milliseconds);

#endif
