import Foundation

/// A remote-write request of format 1: protobuf, in snappy that is one literal after another.
struct RemoteWrite {
    private var message: [UInt8] = []

    /// One series with its samples.
    mutating func add(labels: [(String, String)], samples: [(time: Int64, value: Double)]) {
        var series: [UInt8] = []
        for (name, value) in labels.sorted(by: { $0.0 < $1.0 }) {
            var label: [UInt8] = []
            RemoteWrite.field(1, Array(name.utf8), &label)
            RemoteWrite.field(2, Array(value.utf8), &label)
            RemoteWrite.field(1, label, &series)
        }
        for (time, value) in samples {
            var sample: [UInt8] = [0x09]
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                sample.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
            }
            sample.append(0x10)
            RemoteWrite.varint(UInt64(bitPattern: time), &sample)
            RemoteWrite.field(2, sample, &series)
        }
        RemoteWrite.field(1, series, &message)
    }

    /// The request's body.
    var body: [UInt8] {
        var bytes: [UInt8] = []
        RemoteWrite.varint(UInt64(message.count), &bytes)
        var rest = message[...]
        while !rest.isEmpty {
            let part = rest.prefix(65_536)
            // A literal whose length is in the two bytes that follow.
            let length = part.count - 1
            bytes += [61 << 2, UInt8(length & 0xff), UInt8(length >> 8)]
            bytes += part
            rest = rest.dropFirst(part.count)
        }
        return bytes
    }

    func send(port: UInt16) throws {
        _ = try HTTP.post(
            "/api/v1/write", port: port,
            headers: [
                "Content-Encoding: snappy", "Content-Type: application/x-protobuf",
                "X-Prometheus-Remote-Write-Version: 0.1.0",
            ], body: body)
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8], _ out: inout [UInt8]) {
        out.append(number << 3 | 2)
        varint(UInt64(bytes.count), &out)
        out += bytes
    }

    private static func varint(_ value: UInt64, _ out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(truncatingIfNeeded: rest))
    }
}
