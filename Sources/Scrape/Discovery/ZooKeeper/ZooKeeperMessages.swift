/// Messages of ZooKeeper's protocol: numbers are big-endian, texts and bytes stand behind their length.
enum ZooKeeperRequest {
    /// What is asked about a node.
    enum Operation: Int32, Sendable {
        case exists = 3
        case data = 4
        case children = 8
    }

    /// Opens a session that is new.
    static func open(timeout: Int32) -> [UInt8] {
        let password = [UInt8](repeating: 0, count: 16)
        return framed(
            number(Int32(0)) + number(Int64(0)) + number(timeout) + number(Int64(0))
                + bytes(password) + [0])
    }

    /// Asks about a node, and to be told of its next change.
    static func ask(_ operation: Operation, _ path: String, number id: Int32) -> [UInt8] {
        framed(number(id) + number(operation.rawValue) + bytes(Array(path.utf8)) + [1])
    }

    /// Says that we are there.
    static let ping = framed(number(ZooKeeperReply.pingID) + number(Int32(11)))

    private static func framed(_ body: [UInt8]) -> [UInt8] { bytes(body) }

    private static func bytes(_ bytes: [UInt8]) -> [UInt8] {
        number(Int32(clamping: bytes.count)) + bytes
    }

    private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

/// What a server sends.
enum ZooKeeperReply: Sendable, Hashable {
    static let pingID: Int32 = -2
    private static let changeID: Int32 = -1
    private static let noNode: Int32 = -101

    /// The answer to a request, or to the opening of a session; nil where the node does not exist.
    case answer([UInt8]?)
    /// The server refuses with this code.
    case refusal(Int32)
    /// A node that was watched has changed.
    case change(path: String)
    /// The server heard that we are there.
    case pong

    /// Reads a message that comes after the first one.
    init(_ message: [UInt8]) throws(APIError) {
        var reader = ZooKeeperReader(message)
        let id = try reader.number(Int32.self)
        _ = try reader.number(Int64.self)
        let code = try reader.number(Int32.self)
        switch id {
        case ZooKeeperReply.pingID: self = .pong
        case ZooKeeperReply.changeID:
            _ = try reader.number(Int32.self)
            _ = try reader.number(Int32.self)
            self = .change(path: String(decoding: try reader.bytes(), as: UTF8.self))
        default:
            switch code {
            case 0: self = .answer(reader.rest)
            case ZooKeeperReply.noNode: self = .answer(nil)
            default: self = .refusal(code)
            }
        }
    }

    /// Whether the first message, which answers the opening, opens a session.
    static func opens(_ message: [UInt8]) throws(APIError) -> Bool {
        var reader = ZooKeeperReader(message)
        _ = try reader.number(Int32.self)
        return try reader.number(Int32.self) > 0
    }
}

/// Reads a message from its front.
struct ZooKeeperReader {
    private var left: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { left = bytes[...] }

    var rest: [UInt8] { Array(left) }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(APIError) -> Number {
        var value: Number = 0
        for byte in try take(Number.bitWidth / 8) {
            value = value << 8 | Number(truncatingIfNeeded: byte)
        }
        return value
    }

    /// Bytes behind their length; a negative one is that of nothing.
    mutating func bytes() throws(APIError) -> [UInt8] {
        Array(try take(max(0, Int(try number(Int32.self)))))
    }

    mutating func texts() throws(APIError) -> [String] {
        var texts: [String] = []
        // The count is not believed before the bytes are there.
        for _ in 0..<max(0, Int(try number(Int32.self))) {
            texts.append(String(decoding: try bytes(), as: UTF8.self))
        }
        return texts
    }

    private mutating func take(_ count: Int) throws(APIError) -> ArraySlice<UInt8> {
        guard count <= left.count else { throw APIError("a message of the server is cut off") }
        defer { left = left.dropFirst(count) }
        return left.prefix(count)
    }
}

/// Puts messages together from pieces as they arrive.
struct ZooKeeperFrames {
    /// What a message may be.
    static let maximumMessage = 16 << 20

    private var buffer: [UInt8] = []

    /// The messages that are whole with this piece.
    mutating func append(_ piece: some Sequence<UInt8>) throws(APIError) -> [[UInt8]] {
        buffer += piece
        var messages: [[UInt8]] = []
        var start = 0
        while buffer.count - start >= 4 {
            let length = buffer[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
            if length > ZooKeeperFrames.maximumMessage {
                throw APIError(
                    "a message has \(length) bytes, more than \(ZooKeeperFrames.maximumMessage) (ZooKeeperFrames.maximumMessage)"
                )
            }
            let end = start + 4 + length
            if end > buffer.count { break }
            messages.append(Array(buffer[(start + 4)..<end]))
            start = end
        }
        buffer.removeFirst(start)
        return messages
    }
}
