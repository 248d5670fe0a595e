/// An address as Go's `net.IP` reads and writes it.
struct GoIPAddress: Hashable, CustomStringConvertible {
    /// What Go writes for an address that is none.
    static let none = "<nil>"

    /// Sixteen; those of version 4 are in the last four.
    private let bytes: [UInt8]

    /// nil for what is no address.
    init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bytes = GoIPAddress.version6(text) else { return nil }
            self.bytes = bytes
        } else {
            guard let four = GoIPAddress.version4(text) else { return nil }
            bytes = GoIPAddress.prefix4 + four
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    var isVersion4: Bool { bytes.starts(with: GoIPAddress.prefix4) }

    var description: String {
        isVersion4
            ? bytes.suffix(4).map { "\($0)" }.joined(separator: ".")
            : GoIPAddress.text(of: groups)
    }

    /// An address, or what Go writes for none.
    static func shown(_ text: String) -> String { GoIPAddress(text)?.description ?? none }

    /// `ADDRESS/BITS` with the address of the network, or what Go writes for none.
    static func shown(network text: String) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = GoIPAddress(String(parts[0])) else { return none }
        let isShort = !parts[0].utf8.contains(UInt8(ascii: ":"))
        let digits = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard digits, let bits = Int(parts[1]), bits <= (isShort ? 32 : 128) else { return none }
        let kept = isShort ? bits + 96 : bits
        let masked = address.bytes.enumerated().map { index, byte in
            let mine = min(max(kept - index * 8, 0), 8)
            return mine == 0 ? 0 : byte & (0xff << (8 - UInt8(mine)))
        }
        return "\(GoIPAddress(bytes: masked))/\(bits)"
    }

    private static let prefix4: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]

    private var groups: [UInt16] {
        (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) }
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count != 4 { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part),
                part.utf8.count == 1 || !part.hasPrefix("0")
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0], isLast: halves.count == 1)
        else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1], isLast: true), head.count + tail.count <= 14
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring, isLast: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.contains(".") {
                guard let four = version4(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.utf8.count),
                    part.utf8.allSatisfy({ $0.hexDigit }), let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes
    }

    /// With the first of the longest runs of zeros as `::`.
    private static func text(of groups: [UInt16]) -> String {
        var (best, start) = (0..<0, 0)
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        func hex(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}

extension UInt8 {
    fileprivate var hexDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
