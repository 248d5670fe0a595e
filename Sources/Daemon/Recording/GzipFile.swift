import CZlib
import Model

/// Why a recording could not be read or written.
public struct RecordingError: Error, CustomStringConvertible, Sendable {
    /// Where and what.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Reads a file line by line, decompressing it where it is gzipped (zlib's `gzFile`).
@safe final class LineReader {
    // @safe: the handle never leaves this class, and deinit closes it.
    private let handle: gzFile
    private let path: String
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var finished = false

    /// The longest line that is read; a longer one is an error.
    static let maximumLineBytes = 256 << 20

    init(path: String) throws {
        guard let opened = unsafe gzopen(path, "rb") else {
            throw RecordingError("\(path): cannot be opened for reading")
        }
        unsafe handle = opened
        unsafe gzbuffer(opened, 1 << 18)
        self.path = path
        buffer = [UInt8](repeating: 0, count: 1 << 20)
    }

    deinit { unsafe gzclose(handle) }

    /// Calls `body` with the next line without its end, or returns nil at the end of the file.
    func next<R>(_ body: (Span<UInt8>) throws -> R) throws -> R? {
        var searched = start
        while true {
            if let newline = firstNewline(from: searched) {
                let line = start..<newline
                start = newline + 1
                return try call(body, line)
            }
            searched = end
            if finished {
                if start == end { return nil }
                let line = start..<end
                start = end
                return try call(body, line)
            }
            searched -= try fill()
        }
    }

    private func call<R>(_ body: (Span<UInt8>) throws -> R, _ line: Range<Int>) rethrows -> R {
        let held = buffer
        return try body(held.span.extracting(line))
    }

    private func firstNewline(from position: Int) -> Int? {
        let held = buffer
        let bytes = held.span
        var index = position
        while index < end {
            if bytes[index] == UInt8(ascii: "\n") { return index }
            index += 1
        }
        return nil
    }

    /// Reads more; returns by how much what was there moved towards the front.
    private func fill() throws -> Int {
        let moved = start
        if start > 0 {
            buffer.replaceSubrange(0..<(end - start), with: Array(buffer[start..<end]))
            end -= start
            start = 0
        }
        if end == buffer.count {
            guard buffer.count < LineReader.maximumLineBytes else {
                throw RecordingError(
                    "\(path): a line is longer than the limit maximumLineBytes "
                        + "(\(LineReader.maximumLineBytes))")
            }
            buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
        }
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe gzread(
                handle, bytes.baseAddress.map { unsafe $0 + end },
                UInt32(clamping: bytes.count - end))
        }
        let problem = lastError()
        if count < 0 {
            throw RecordingError("\(path): the file is damaged: \(problem.text)")
        }
        // A compressed file that was cut short reads to where it was cut, and then says this.
        if problem.code == Z_BUF_ERROR {
            throw RecordingError("\(path): the file is damaged: it ends in the middle")
        }
        if count == 0 { finished = true }
        end += Int(count)
        return moved
    }

    private func lastError() -> (code: Int32, text: String) {
        var code: Int32 = 0
        let text = unsafe gzerror(handle, &code).map { unsafe String(cString: $0) }
        return (code, text ?? "error \(code)")
    }
}

/// Writes lines into a gzipped file.
@safe public final class LineWriter: @unchecked Sendable {
    // @unchecked and @safe: the handle never leaves this class, and its owner (an actor) serialises.
    private var handle: gzFile?
    private let path: String

    /// Creates the file, or empties it.
    public init(path: String) throws {
        guard let opened = unsafe gzopen(path, path.hasSuffix(".gz") ? "wb6" : "wbT") else {
            throw RecordingError("\(path): cannot be opened for writing")
        }
        unsafe handle = opened
        self.path = path
    }

    deinit { if let handle = unsafe handle { unsafe gzclose(handle) } }

    /// Writes the bytes and a line's end.
    public func write(_ line: [UInt8]) throws {
        guard let handle = unsafe handle else { throw RecordingError("\(path): is closed") }
        var bytes = line
        bytes.append(UInt8(ascii: "\n"))
        let count = unsafe bytes.withUnsafeBytes {
            unsafe gzwrite(handle, $0.baseAddress, UInt32(clamping: $0.count))
        }
        if count != bytes.count { throw RecordingError("\(path): cannot be written") }
    }

    /// Ends the file.
    public func close() throws {
        guard let open = unsafe handle else { return }
        unsafe handle = nil
        if unsafe gzclose(open) != Z_OK { throw RecordingError("\(path): cannot be finished") }
    }
}
