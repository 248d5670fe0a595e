import Model

/// Yann Collet's xxHash, 64 bits, seed 0: what Prometheus hashes label sets with.
enum XXHash64 {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    /// The hash of a label set, from names and values with their lengths before them.
    static func hash(_ labels: Labels) -> UInt64 {
        var bytes: [UInt8] = []
        for label in labels.sorted {
            append(label.name, to: &bytes)
            append(label.value, to: &bytes)
        }
        return hash(bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let length = text.utf8.count
        if length < 255 {
            bytes.append(UInt8(truncatingIfNeeded: length))
        } else {
            bytes.append(255)
            for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
        bytes.append(contentsOf: text.utf8)
    }

    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var index = 0
        func word(_ size: Int) -> UInt64 {
            var word: UInt64 = 0
            for offset in 0..<size { word |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
            return word
        }
        var hash: UInt64
        if bytes.count >= 32 {
            var lanes: [UInt64] = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
            while index + 32 <= bytes.count {
                for lane in 0..<4 {
                    lanes[lane] = round(lanes[lane], word(8))
                    index += 8
                }
            }
            hash =
                rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12)
                &+ rotate(lanes[3], 18)
            for lane in lanes { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            hash = prime5
        }
        hash &+= UInt64(bytes.count)
        while index + 8 <= bytes.count {
            hash = rotate(hash ^ round(0, word(8)), 27) &* prime1 &+ prime4
            index += 8
        }
        if index + 4 <= bytes.count {
            hash = rotate(hash ^ (word(4) &* prime1), 23) &* prime2 &+ prime3
            index += 4
        }
        while index < bytes.count {
            hash = rotate(hash ^ (UInt64(bytes[index]) &* prime5), 11) &* prime1
            index += 1
        }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    private static func round(_ state: UInt64, _ input: UInt64) -> UInt64 {
        rotate(state &+ input &* prime2, 31) &* prime1
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }
}
