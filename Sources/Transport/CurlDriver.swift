import CCurl
import Glibc

/// What the loop's thread runs: one multi handle, driven by epoll.
///
/// Lives and dies on that thread; an easy handle never leaves it. epoll, because beside thousands
/// of hanging transfers `curl_multi_poll` costs twenty times as much CPU.
@safe final class CurlDriver {
    private let loop: CurlLoop
    private let multi: UnsafeMutableRawPointer?
    private let poll: Int32
    private var transfers: [UInt64: CurlTransfer] = [:]
    private var idOfHandle: [UInt: UInt64] = [:]
    /// When libcurl wants to be called at the latest, in monotonic milliseconds; -1 for never.
    private var deadline: Int64 = -1
    private static let eventsAtOnce = 64

    private static let globalInit: Void = {
        _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }()

    init(_ loop: CurlLoop) {
        CurlDriver.globalInit
        self.loop = loop
        unsafe multi = curl_multi_init()
        poll = tocsin_epoll_new()
    }

    func run() {
        blockBrokenPipeSignal()
        configure()
        tocsin_epoll_watch(poll, loop.wakeDescriptor, CURL_CSELECT_IN)
        while let commands = loop.takeCommands() {
            for command in commands { obey(command) }
            collectFinished()
            waitForEvents()
            if deadline >= 0, CurlDriver.now() >= deadline {
                deadline = -1
                action(CURL_SOCKET_TIMEOUT, 0)
            }
            collectFinished()
        }
        for transfer in transfers.values { remove(transfer) }
        transfers.removeAll()
        unsafe curl_multi_cleanup(multi)
        close(poll)
    }

    private func configure() {
        // The driver outlives the multi handle, which is cleaned up at the end of `run`.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe tocsin_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        unsafe tocsin_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        unsafe tocsin_curl_multi_set_socket_callback(multi) { _, socket, what, context, _ in
            guard let context = unsafe context else { return 0 }
            unsafe Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue()
                .socketChanged(socket, what)
            return 0
        }
        unsafe tocsin_curl_multi_set_timer_callback(multi) { _, milliseconds, context in
            guard let context = unsafe context else { return 0 }
            unsafe Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue()
                .timerChanged(milliseconds)
            return 0
        }
        let idle = loop.idleConnections ?? CurlDriver.halfOfOpenFiles()
        unsafe tocsin_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, idle))
    }

    private static func halfOfOpenFiles() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 512
        }
        return Int(min(limit.rlim_cur / 2, 16_384))
    }

    /// Writing to a connection that the other side closed must not end the process.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Events

    private func socketChanged(_ socket: Int32, _ what: Int32) {
        switch what {
        case CURL_POLL_REMOVE: tocsin_epoll_forget(poll, socket)
        case CURL_POLL_IN: tocsin_epoll_watch(poll, socket, CURL_CSELECT_IN)
        case CURL_POLL_OUT: tocsin_epoll_watch(poll, socket, CURL_CSELECT_OUT)
        default: tocsin_epoll_watch(poll, socket, CURL_CSELECT_IN | CURL_CSELECT_OUT)
        }
    }

    private func timerChanged(_ milliseconds: Int) {
        deadline = milliseconds < 0 ? -1 : CurlDriver.now() + Int64(milliseconds)
    }

    private func waitForEvents() {
        let wait = deadline < 0 ? -1 : min(max(0, deadline - CurlDriver.now()), 60_000)
        var descriptors = [Int32](repeating: 0, count: CurlDriver.eventsAtOnce)
        var masks = descriptors
        let count = unsafe tocsin_epoll_wait(
            poll, &descriptors, &masks, Int32(CurlDriver.eventsAtOnce), Int32(wait))
        for index in 0..<max(0, Int(count)) {
            if descriptors[index] == loop.wakeDescriptor {
                var value: UInt64 = 0
                _ = unsafe read(descriptors[index], &value, 8)
            } else {
                action(descriptors[index], masks[index])
            }
        }
    }

    private func action(_ socket: Int32, _ mask: Int32) {
        var running: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, socket, mask, &running)
    }

    // MARK: Transfers

    private func obey(_ command: CurlLoop.Command) {
        switch command {
        case .start(let id, let task, let mailbox):
            do throws(TransportError) {
                let transfer = try CurlTransfer(task, mailbox)
                transfers[id] = transfer
                idOfHandle[transfer.identity] = id
                let code = unsafe curl_multi_add_handle(multi, transfer.handle)
                guard code == CURLM_OK else {
                    forget(id)
                    throw TransportError(.invalidRequest, "the transfer could not be started")
                }
            } catch {
                loop.finish(id, .failure(error))
            }
        case .resume(let id): transfers[id]?.resume()
        case .cancel(let id):
            if let transfer = transfers[id] { remove(transfer) }
            forget(id)
        }
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let handle = unsafe message.pointee.easy_handle
            else { continue }
            let code = unsafe message.pointee.data.result
            guard let id = idOfHandle[UInt(bitPattern: handle)], let transfer = transfers[id]
            else { continue }
            let outcome = transfer.outcome(code)
            remove(transfer)
            forget(id)
            loop.finish(id, outcome)
        }
    }

    private func remove(_ transfer: CurlTransfer) {
        unsafe curl_multi_remove_handle(multi, transfer.handle)
    }

    private func forget(_ id: UInt64) {
        if let transfer = transfers.removeValue(forKey: id) {
            idOfHandle.removeValue(forKey: transfer.identity)
        }
    }
}
