import Fleet
import Foundation

/// Requests to a program on this machine.
enum HTTP {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The body of an answer; anything but success is an error. HTTP/1.0, so that it ends with the
    /// connection.
    static func get(_ path: String, port: UInt16) throws -> [UInt8] {
        try request("GET", path, port: port, headers: [], body: [])
    }

    static func post(
        _ path: String, port: UInt16, headers: [String], body: [UInt8]
    ) throws -> [UInt8] {
        try request("POST", path, port: port, headers: headers, body: body)
    }

    private static func request(
        _ method: String, _ path: String, port: UInt16, headers: [String], body: [UInt8]
    ) throws -> [UInt8] {
        let socket = try Socket.connect(port: port)
        let lines =
            ["\(method) \(path) HTTP/1.0", "Host: 127.0.0.1:\(port)", "Connection: close"]
            + (body.isEmpty ? [] : ["Content-Length: \(body.count)"]) + headers
        guard socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body) else {
            throw Failure(description: "\(path): the other side is gone")
        }
        var answer: [UInt8] = []
        while socket.receive(into: &answer) {}
        let separator: [UInt8] = [13, 10, 13, 10]
        guard let end = answer.firstRange(of: separator) else {
            throw Failure(description: "\(path): no answer")
        }
        let status =
            String(decoding: answer[..<end.lowerBound], as: UTF8.self)
            .split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let content = Array(answer[end.upperBound...])
        guard (200..<300).contains(status) else {
            throw Failure(
                description:
                    "\(path): \(status) \(String(decoding: content.prefix(300), as: UTF8.self))")
        }
        return content
    }

    /// A query's text in a URL.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
