import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A connection on loopback; every call blocks.
public final class Connection: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A connection to a port, with a limit on how long each read and write may take.
    public convenience init?(port: Int, timeout: Int = 30) {
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard opened >= 0 else { return nil }
        self.init(descriptor: opened)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(opened, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let result = unsafe loopback(port) { unsafe connect(opened, $0, $1) }
        if result != 0 { return nil }
    }

    /// Goes away, as a client does that is not interested any more.
    public func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next bytes; empty at the end.
    public func read(atMost count: Int = 65_536) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe max(0, recv(descriptor, buffer.baseAddress, count, 0))
        }
    }

    /// Everything up to the end.
    public func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let some = read()
            if some.isEmpty { return all }
            all += some
        }
    }

    /// Sends bytes; false where nobody takes them any more.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }
}

/// Calls `body` with the address of a port on loopback.
private func loopback(
    _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Listens on a free port of loopback; each connection has a thread of its own.
public final class Listener: Sendable {
    /// The port.
    public let port: Int
    private let descriptor: Int32
    private let isClosed = Atomic(false)

    /// It could not listen.
    public struct Failure: Error {}

    /// Starts to listen, on a free port unless one is named.
    public init(port wanted: Int = 0, _ handler: @escaping @Sendable (Connection) -> Void) throws {
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard opened >= 0 else { throw Failure() }
        descriptor = opened
        if wanted != 0 {
            // Connections of whoever listened there before may linger.
            var yes: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            unsafe setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        }
        guard unsafe loopback(wanted, { unsafe bind(opened, $0, $1) }) == 0,
            listen(opened, 128) == 0
        else {
            close(opened)
            throw Failure()
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(opened, $0, &size)
            }
        }
        guard named == 0 else {
            close(opened)
            throw Failure()
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let accepted = accept(opened, nil, nil)
                if accepted < 0 { return }
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                let connection = Connection(descriptor: accepted)
                Thread.detachNewThread { handler(connection) }
            }
        }
    }

    deinit { stop() }

    /// Takes no further connection.
    public func stop() {
        if isClosed.exchange(true, ordering: .relaxed) { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// A port that nobody listened on a moment ago.
    public static func freePort() throws -> Int {
        let listener = try Listener { _ in }
        defer { listener.stop() }
        return listener.port
    }
}
