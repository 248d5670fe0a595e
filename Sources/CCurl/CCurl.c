#define _GNU_SOURCE
#include "CCurl.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

CURLcode tocsin_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
CURLcode tocsin_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
CURLcode tocsin_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
CURLcode tocsin_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
CURLcode tocsin_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
CURLcode tocsin_curl_set_data_callback(
    CURL *handle, CURLoption option, tocsin_curl_data_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}
CURLcode tocsin_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
CURLcode tocsin_curl_get_double(CURL *handle, CURLINFO info, double *value) {
    return curl_easy_getinfo(handle, info, value);
}
CURLcode tocsin_curl_get_string(CURL *handle, CURLINFO info, const char **value) {
    return curl_easy_getinfo(handle, info, value);
}
CURLcode tocsin_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}
int tocsin_curl_active_socket(CURL *handle) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) return -1;
    return socket == CURL_SOCKET_BAD ? -1 : (int)socket;
}
CURLMcode tocsin_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
CURLMcode tocsin_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}
CURLMcode tocsin_curl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}
CURLMcode tocsin_curl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

int tocsin_epoll_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

int tocsin_epoll_wakeup(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void tocsin_epoll_watch(int epoll, int descriptor, int mask) {
    struct epoll_event event = {0};
    if (mask & CURL_CSELECT_IN) event.events |= EPOLLIN;
    if (mask & CURL_CSELECT_OUT) event.events |= EPOLLOUT;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0)
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void tocsin_epoll_forget(int epoll, int descriptor) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int tocsin_epoll_wait(int epoll, int *descriptors, int *masks, int capacity, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, milliseconds);
    for (int i = 0; i < count; i++) {
        descriptors[i] = events[i].data.fd;
        masks[i] = 0;
        if (events[i].events & EPOLLIN) masks[i] |= CURL_CSELECT_IN;
        if (events[i].events & EPOLLOUT) masks[i] |= CURL_CSELECT_OUT;
        if (events[i].events & (EPOLLERR | EPOLLHUP)) masks[i] |= CURL_CSELECT_ERR;
    }
    return count;
}
