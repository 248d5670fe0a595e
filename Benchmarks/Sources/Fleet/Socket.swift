#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A blocking TCP connection over loopback.
public struct Socket: ~Copyable, Sendable {
    private let descriptor: Int32

    /// What the system said.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    #if canImport(Glibc)
        private static let stream = Int32(SOCK_STREAM.rawValue)
    #else
        private static let stream = SOCK_STREAM
    #endif

    private static func failure(_ what: String) -> Failure {
        Failure(description: unsafe "\(what): \(String(cString: strerror(errno)))")
    }

    private static func address(host: UInt32, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    private static func withAddress(
        _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        // The system takes the general type of address by pointer.
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Listens at 127.0.0.1, or that plus `number`.
    public static func listen(port: UInt16, number: UInt32 = 0) throws(Failure) -> Socket {
        let socket = Socket(Self.socket())
        var yes: Int32 = 1
        _ = unsafe setsockopt(
            socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes,
            socklen_t(MemoryLayout<Int32>.size))
        let address = address(host: 0x7f00_0001 + number, port: port)
        let bound = unsafe withAddress(address) { unsafe bind(socket.descriptor, $0, $1) }
        if bound != 0 { throw failure("bind") }
        if systemListen(socket.descriptor) != 0 { throw failure("listen") }
        return socket
    }

    /// Connects to 127.0.0.1.
    public static func connect(port: UInt16) throws(Failure) -> Socket {
        let socket = Socket(Self.socket())
        let address = address(host: 0x7f00_0001, port: port)
        if unsafe withAddress(address, { unsafe systemConnect(socket.descriptor, $0, $1) }) != 0 {
            throw failure("connect")
        }
        return socket
    }

    private static func socket() -> Int32 { systemSocket(AF_INET, stream, 0) }

    /// The next connection.
    public borrowing func accept() throws(Failure) -> Socket {
        let accepted = systemAccept(descriptor, nil, nil)
        if accepted < 0 { throw Socket.failure("accept") }
        return Socket(accepted)
    }

    /// Sends everything; false where the other side is gone.
    public borrowing func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe systemSend(
                    descriptor, buffer.baseAddress.map { unsafe $0 + sent }, bytes.count - sent)
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Appends what comes next; false at the end.
    public borrowing func receive(into bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        if count <= 0 { return false }
        bytes += buffer[..<count]
        return true
    }
}

// The system's functions of the same names as ours.

private func systemListen(_ descriptor: Int32) -> Int32 { listen(descriptor, 128) }

private func systemSocket(_ family: Int32, _ type: Int32, _ other: Int32) -> Int32 {
    socket(family, type, other)
}

private func systemConnect(
    _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 {
    unsafe connect(descriptor, address, length)
}

private func systemAccept(
    _ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>?,
    _ length: UnsafeMutablePointer<socklen_t>?
) -> Int32 {
    unsafe accept(descriptor, address, length)
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        unsafe send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #else
        unsafe send(descriptor, bytes, count, 0)
    #endif
}
