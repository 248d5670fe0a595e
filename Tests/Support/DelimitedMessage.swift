/// A protobuf message behind its length, as expositions are made of them.
public func delimited(_ message: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var length = message.count
    while length >= 0x80 {
        result.append(UInt8(length & 0x7f) | 0x80)
        length >>= 7
    }
    return result + [UInt8(length)] + message
}
