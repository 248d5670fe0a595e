import Foundation

/// Takes a multipart mail apart again.
struct MailReader {
    struct Broken: Error {}

    let headers: [(name: String, value: String)]
    private var parts: [String: String] = [:]

    var text: String? { parts["text/plain"] }
    var html: String? { parts["text/html"] }

    init(_ message: String) throws {
        let lines = message.components(separatedBy: "\r\n")
        let (head, body) = try MailReader.split(lines)
        headers = head
        guard let type = header("Content-Type"),
            let boundary = type.components(separatedBy: "boundary=\"").last?.dropLast()
        else { throw Broken() }
        var part: [String]?
        for line in body {
            if line == "--\(boundary)" || line == "--\(boundary)--" {
                if let part {
                    let (head, body) = try MailReader.split(part)
                    let type = head.first { $0.name == "Content-Type" }?.value ?? ""
                    parts[type.components(separatedBy: ";")[0]] = try MailReader.decode(body)
                }
                part = line == "--\(boundary)" ? [] : nil
            } else {
                part?.append(line)
            }
        }
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    private static func split(
        _ lines: [String]
    ) throws -> ([(name: String, value: String)], [String]) {
        guard let blank = lines.firstIndex(of: "") else { throw Broken() }
        var head: [(name: String, value: String)] = []
        for line in lines[..<blank] {
            if line.hasPrefix(" "), let last = head.popLast() {
                head.append((last.name, last.value + line))
                continue
            }
            let pieces = line.split(separator: ":", maxSplits: 1)
            guard pieces.count == 2 else { throw Broken() }
            head.append((String(pieces[0]), String(pieces[1].dropFirst())))
        }
        return (head, Array(lines[(blank + 1)...]))
    }

    private static func decode(_ lines: [String]) throws -> String {
        guard lines.allSatisfy({ $0.utf8.count <= 76 }) else { throw Broken() }
        let bytes = Array(lines.joined(separator: "\n").utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] != UInt8(ascii: "=") {
                out.append(bytes[index])
                index += 1
            } else if index + 1 < bytes.count, bytes[index + 1] == 0x0a {
                index += 2
            } else {
                let digits = String(decoding: bytes.dropFirst(index + 1).prefix(2), as: UTF8.self)
                guard let byte = UInt8(digits, radix: 16) else { throw Broken() }
                out.append(byte)
                index += 3
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
