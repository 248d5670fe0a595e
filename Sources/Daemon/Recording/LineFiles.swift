import Compression
import Model

/// Why a recording could not be read or written.
public struct RecordingError: Error, CustomStringConvertible, Sendable {
    /// Where and what.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Reads a file line by line, decompressing it where it is gzipped.
final class LineReader {
    private let file: GzipFileReader
    private let path: String
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var finished = false

    /// The longest line that is read; a longer one is an error.
    static let maximumLineBytes = 256 << 20

    init(path: String) throws {
        guard let file = GzipFileReader(path: path) else {
            throw RecordingError("\(path): cannot be opened for reading")
        }
        self.file = file
        self.path = path
        buffer = [UInt8](repeating: 0, count: 1 << 20)
    }

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
        let count: Int
        do throws(GzipFileReader.Damage) {
            count = try file.read(into: &buffer, from: end)
        } catch {
            throw RecordingError("\(path): the file is damaged: \(error.reason)")
        }
        if count == 0 { finished = true }
        end += count
        return moved
    }
}

/// Writes lines into a file, gzipped where its name ends in `.gz`.
public final class LineWriter: @unchecked Sendable {
    // @unchecked: its owner (an actor) serialises.
    private let file: GzipFileWriter
    private let path: String

    /// Creates the file, or empties it.
    public init(path: String) throws {
        guard let file = GzipFileWriter(path: path) else {
            throw RecordingError("\(path): cannot be opened for writing")
        }
        self.file = file
        self.path = path
    }

    /// Writes the bytes and a line's end.
    public func write(_ line: [UInt8]) throws {
        if file.isClosed { throw RecordingError("\(path): is closed") }
        guard file.write(line + [UInt8(ascii: "\n")]) else {
            throw RecordingError("\(path): cannot be written")
        }
    }

    /// Ends the file.
    public func close() throws {
        guard file.close() else { throw RecordingError("\(path): cannot be finished") }
    }
}
